"""Nothing happens on import: no connection, no process, no look at the environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.arch.sources import Source, module_name, packages

_PROGRAM = Path(__file__).with_name("quiet_import.py")


def _complaints(modules: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", str(_PROGRAM)],
        input="\n".join(modules),
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + (done.stderr if done.returncode else "")


@pytest.mark.parametrize("package", packages(), ids=lambda path: path.name)
def test_every_module_imports_without_environment_and_network(package: Path) -> None:
    modules = [module_name(Source(path), package) for path in sorted(package.rglob("*.py"))]
    assert _complaints(modules) == ""


def test_a_module_that_connects_while_imported_is_found(tmp_path: Path) -> None:
    code = "import socket\nsocket.create_connection(('127.0.0.1', 9))\n"
    assert "during an import" in _complaints_about(tmp_path, code)


def test_a_module_that_reads_the_environment_while_imported_is_found(tmp_path: Path) -> None:
    code = "import os\nHOME = os.environ.get('MNEME_HOME')\n"
    assert "reads the environment variable MNEME_HOME" in _complaints_about(tmp_path, code)


def _complaints_about(folder: Path, code: str) -> str:
    (folder / "mneme_planted.py").write_text(code)
    program = f"import sys; sys.path.insert(0, {str(folder)!r})\n{_PROGRAM.read_text()}".replace(
        "from __future__ import annotations\n", "", 1
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        input="mneme_planted",
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr
