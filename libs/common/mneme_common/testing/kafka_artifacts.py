"""Apache Kafka's own classes, fetched once with Maven and kept in a cache.

Maven is asked for coordinates only; which repository it fetches them from is its own configuration.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

KAFKA_VERSION = "4.1.1"
_LOGGER_VERSION = "1.7.36"
_OLDEST_JAVA = 17
_DOWNLOAD_LIMIT_S = 600

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>mneme.testing</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>{_LOGGER_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


class KafkaUnavailableError(Exception):
    """No broker can be had this way; the message says what is missing."""


def cache_directory() -> Path:
    """MNEME_CACHE, or ~/.cache/mneme."""
    named = os.environ.get("MNEME_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "mneme"


def java() -> str:
    """Path of a Java runtime that can run the broker. Raises KafkaUnavailableError."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not program or not Path(program).exists():
        raise KafkaUnavailableError("no Java runtime found (JAVA_HOME or `java` on the PATH)")
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < _OLDEST_JAVA:
        raise KafkaUnavailableError(f"Java {_OLDEST_JAVA} or newer is needed, found: {said.splitlines()[:1]}")
    return program


def class_path(cache: Path | None = None) -> str:
    """The Java class path of the broker, fetched on first use (about 43 MB). Raises KafkaUnavailableError."""
    home = (cache or cache_directory()) / f"kafka-{KAFKA_VERSION}"
    if not home.exists():
        _fetch(home)
    return str(home / "*")


def _fetch(home: Path) -> None:
    """Fill `home` in one step: it is complete or absent, also with several sessions fetching at once."""
    maven = shutil.which("mvn")
    if not maven:
        raise KafkaUnavailableError("no Maven found (`mvn` on the PATH) to fetch Apache Kafka with")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f"{home.name}.") as work:
        (Path(work) / "pom.xml").write_text(_POM)
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=jars"]
        try:
            done = subprocess.run(
                [maven, "-q", "-B", *goal],
                cwd=work,
                capture_output=True,
                text=True,
                check=False,
                timeout=_DOWNLOAD_LIMIT_S,
            )
        except subprocess.TimeoutExpired:
            raise KafkaUnavailableError(f"Maven took longer than {_DOWNLOAD_LIMIT_S} s") from None
        if done.returncode:
            raise KafkaUnavailableError(f"Maven could not fetch Apache Kafka:\n{done.stdout[-2000:]}")
        try:
            (Path(work) / "jars").rename(home)
        except OSError:
            if not home.exists():
                raise
