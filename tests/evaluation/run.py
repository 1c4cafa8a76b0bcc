"""`make eval`: measures what search finds, on the stack that MNEME_URL names or on one of its own.

MNEME_LOCOMO names the file (LoCoMo's JSON, YAML, or a folder in BEIR's layout); without it a short dialogue of ours is
measured. What stands on the command line goes to `mneme eval` (EVAL="--shared --only conv-1").
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mneme_common.testing.addresses import free_port
from tests.evaluation.figures import FIGURES, shown
from tests.fixtures.dialogue import DIALOGUE
from tests.fixtures.homes import temporary_home
from tests.fixtures.stacks import StackProcess

_RESULTS = Path("eval/results")


@contextmanager
def running_stack() -> Iterator[str]:
    """The URL of the stack that MNEME_URL names, else of one that is started and stopped."""
    if named := os.environ.get("MNEME_URL"):
        yield named
        return
    with temporary_home() as home, StackProcess(home, free_port()) as stack:
        stack.start()
        yield stack.url


@contextmanager
def evaluated_file() -> Iterator[Path]:
    """The file that MNEME_LOCOMO names, else our dialogue."""
    if named := os.environ.get("MNEME_LOCOMO"):
        yield Path(named)
        return
    with temporary_home() as home:
        path = home / "dialogue.json"
        path.write_text(json.dumps(DIALOGUE))
        yield path


def main() -> int:
    """Evaluates, prints the figures that need no server, and returns the status."""
    results = _RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    with running_stack() as url, evaluated_file() as file, temporary_home() as state:
        command = [sys.executable, "-m", "mneme_cli.main", "eval", str(file), "--out", str(results), *sys.argv[1:]]
        environment = {**os.environ, "MNEME_URL": url, "XDG_STATE_HOME": str(state)}
        status = subprocess.run(command, env=environment, check=False).returncode
    figures = [figure() for figure in FIGURES]
    for figure in figures:
        print(shown(figure))  # noqa: T201
    if status == 0:
        _add(results, {figure.title: dict(figure.values) for figure in figures})
    return status


def _add(results: Path, figures: dict[str, dict[str, float]]) -> None:
    """Puts the figures into the artefact."""
    artefact = json.loads(results.read_text())
    results.write_text(json.dumps({**artefact, "figures": figures}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
