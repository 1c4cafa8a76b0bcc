"""One turn of a file, ready to be sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as the API takes it. ``place`` says where in the file it is: "line 7", "conv-26 D1:3"."""

    message: Mapping[str, object]
    place: str
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place in the file that holds no message, and why."""

    place: str
    reason: str


@dataclass(slots=True)
class Remarks:
    """What a reader noticed that is worth saying once."""

    ignored_fields: set[str] = field(default_factory=set)


class Source(Protocol):
    """A file in one of the formats that can be imported."""

    format_name: str
    remarks: Remarks

    def turns(self) -> Iterator[Turn | Unreadable]:
        """What the file says, in its order; may be asked more than once."""


class UnreadableFileError(Exception):
    """The file is in no format that can be imported; the text says what was expected."""
