"""OpenAI-style messages, one JSON object in each line, or a JSON list of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mneme_cli.sources.turns import Remarks, Turn, Unreadable

_FIELDS = frozenset(
    {"role", "content", "name", "conversation_id", "session_id", "occurred_at", "metadata", "importance", "namespace"}
)
_ROLES = {"developer": "system"}  # OpenAI's newer name


class JsonLinesSource:
    """A file that is read line by line, however long it is. Empty lines are skipped."""

    format_name = "JSON lines"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.remarks = Remarks()

    def turns(self) -> Iterator[Turn | Unreadable]:
        """A turn, or what is wrong, for each line that is not empty."""
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parsed(line, f"line {number}", self.remarks)


class MessageListSource:
    """The same messages as one JSON list."""

    format_name = "JSON"

    def __init__(self, messages: Iterable[object]) -> None:
        self._messages = messages
        self.remarks = Remarks()

    def turns(self) -> Iterator[Turn | Unreadable]:
        """A turn, or what is wrong, for each item."""
        for number, message in enumerate(self._messages, start=1):
            yield _turn(message, f"item {number}", self.remarks)


def _parsed(line: bytes, place: str, remarks: Remarks) -> Turn | Unreadable:
    try:
        return _turn(json.loads(line), place, remarks)
    except UnicodeDecodeError:
        return Unreadable(place, "not UTF-8")
    except ValueError as error:
        return Unreadable(place, f"not JSON: {error}")


def _turn(message: object, place: str, remarks: Remarks) -> Turn | Unreadable:
    if not isinstance(message, Mapping):
        return Unreadable(place, "a message must be an object with role and content")
    missing = [name for name in ("role", "content") if name not in message]
    if missing:
        return Unreadable(place, f"{' and '.join(missing)} missing")
    known = {name: value for name, value in message.items() if name in _FIELDS and value is not None}
    known["role"] = _ROLES.get(str(known.get("role")), known.get("role"))
    remarks.ignored_fields |= {name for name, value in message.items() if value is not None} - _FIELDS - {"user_id"}
    user = message.get("user_id")
    return Turn(known, place, None if user is None else str(user))
