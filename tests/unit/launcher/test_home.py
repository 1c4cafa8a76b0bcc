"""MNEME_HOME: whose it is, who may use it, and what is refused before anything is touched."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mneme_launcher.errors import StackError
from mneme_launcher.home import Home


def _home(path: Path, version: str = "0.2.0") -> Home:
    return Home(path / "home", version)


def _snapshot(path: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(entry): (entry.stat().st_mode, entry.read_bytes() if entry.is_file() else b"")
        for entry in [path, *path.rglob("*")]
    }


def test_a_new_home_is_closed_to_others(tmp_path: Path) -> None:
    home = _home(tmp_path)
    home.open()
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_a_home_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    home = _home(tmp_path)
    home.path.mkdir()
    home.path.chmod(0o755)
    home.open()
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o711


def test_a_second_launcher_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    first = _home(tmp_path)
    first.open()
    with pytest.raises(StackError, match=f"in use by process {os.getpid()}"):
        _home(tmp_path).open()


def test_a_closed_home_can_be_opened_again(tmp_path: Path) -> None:
    first = _home(tmp_path)
    first.open()
    first.close()
    second = _home(tmp_path)
    second.open()
    assert second.holder() == os.getpid()


def test_the_holder_is_known_while_there_is_one(tmp_path: Path) -> None:
    home = _home(tmp_path)
    before = home.holder()
    home.open()
    during = _home(tmp_path).holder()
    home.close()
    assert (before, during, home.holder()) == (None, os.getpid(), None)


def test_a_home_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    newer = _home(tmp_path, "0.10.0")
    newer.open()
    newer.close()
    before = _snapshot(tmp_path)
    with pytest.raises(StackError, match=r"was written by Mneme 0\.10\.0, and this is 0\.9\.9: use Mneme 0\.10\.0"):
        _home(tmp_path, "0.9.9").open()
    assert _snapshot(tmp_path) == before


def test_a_home_of_an_older_version_becomes_one_of_ours(tmp_path: Path) -> None:
    for version in ("0.1.0", "0.2.0"):
        home = _home(tmp_path, version)
        home.open()
        home.close()
    assert (home.path / "version").read_text() == "0.2.0\n"


def test_a_directory_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("mine")
    before = _snapshot(tmp_path)
    with pytest.raises(StackError, match="no home of Mneme"):
        _home(tmp_path).open()
    assert _snapshot(tmp_path) == before


def test_a_file_in_place_of_the_home_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StackError, match="not a directory"):
        _home(tmp_path).open()


def test_a_home_whose_first_start_was_interrupted_is_opened(tmp_path: Path) -> None:
    (tmp_path / "home" / "run").mkdir(parents=True)
    (tmp_path / "home" / "lock").write_text("1\n")
    home = _home(tmp_path)
    home.open()
    assert home.holder() == os.getpid()
