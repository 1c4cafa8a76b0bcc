"""The secrets of a home."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from mneme_launcher.errors import StackError
from mneme_launcher.stack_secrets import load_or_create


def test_secrets_are_made_once_and_then_kept(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    assert load_or_create(file) == load_or_create(file)


def test_two_homes_have_different_secrets(tmp_path: Path) -> None:
    assert load_or_create(tmp_path / "one") != load_or_create(tmp_path / "two")


def test_only_the_owner_may_read_the_secrets(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    load_or_create(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_encryption_key_has_32_bytes(tmp_path: Path) -> None:
    made = load_or_create(tmp_path / "secrets.json")
    assert len(base64.b64decode(made.encryption_key, validate=True)) == 32


def test_the_secrets_do_not_show_in_logs(tmp_path: Path) -> None:
    made = load_or_create(tmp_path / "secrets.json")
    assert made.encryption_key not in repr(made)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"encryption_key": "x"}'])
def test_damaged_secrets_are_refused_and_not_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(content)
    with pytest.raises(StackError, match="restore it from a backup"):
        load_or_create(file)
    assert file.read_text() == content
