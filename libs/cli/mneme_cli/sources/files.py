"""Which format a file is in, and what identifies its content."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from mneme_cli.sources.locomo import LocomoSource, is_locomo
from mneme_cli.sources.messages import JsonLinesSource, MessageListSource
from mneme_cli.sources.turns import Source, UnreadableFileError

_BLOCK = 1 << 20


def open_source(path: Path) -> Source:
    """The file as a source; raises UnreadableFileError when its format is not known."""
    if _first_character(path) != "[":
        return JsonLinesSource(path)
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        raise UnreadableFileError(f"not JSON: {error}") from None
    return LocomoSource(value) if is_locomo(value) else MessageListSource(value)


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes in hex."""
    state = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            state.update(block)
    return state.hexdigest()


def _first_character(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if stripped := line.lstrip("\ufeff \t\r\n"):
                return stripped[0]
    raise UnreadableFileError("the file is empty")
