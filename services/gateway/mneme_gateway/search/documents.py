"""What the index knows of a record besides its terms: columns, one entry for each version of a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Words64 = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MESSAGE = 0
MEMORY = 1


@dataclass(frozen=True, slots=True)
class Documents:
    """Columns of one length. Times are microseconds since 1970; codes are those of the index's ``Labels``.

    ``record_high`` and ``record_low`` are the halves of the record's id, ``point`` is the low half of the id
    of its vector, which no other version has. ``content`` is a hash of the text, ``length`` its number of terms,
    ``marks`` are bits of ``TextMark``.
    """

    record_high: Words64
    record_low: Words64
    point: Words64
    revision: Codes
    position: Integers
    kind: npt.NDArray[np.uint8]
    role: Codes
    name: Codes
    session: Codes
    namespace: Codes
    memory_kind: Codes
    memory_type: Codes
    tier: Codes
    archived: Flags
    importance: Floats
    confidence: Floats
    occurred_at: Integers
    created_at: Integers
    expires_at: Integers
    content: Integers
    length: npt.NDArray[np.uint32]
    marks: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.point)


_TYPES: dict[str, type[np.generic]] = {
    **dict.fromkeys(("record_high", "record_low", "point"), np.uint64),
    **dict.fromkeys(
        ("revision", "role", "name", "session", "namespace", "memory_kind", "memory_type", "tier"), np.int32
    ),
    **dict.fromkeys(("position", "occurred_at", "created_at", "expires_at", "content"), np.int64),
    **dict.fromkeys(("importance", "confidence"), np.float64),
    **dict.fromkeys(("kind", "marks"), np.uint8),
    "archived": np.bool_,
    "length": np.uint32,
}


class DocumentColumns:
    """Documents that grow at their end. What ``snapshot`` returned earlier stays as it was."""

    def __init__(self) -> None:
        self._columns = {name: np.empty(0, dtype=_TYPES[name]) for name in _TYPES}
        self.size = 0

    def append(self, added: Documents) -> None:
        """Adds the entries behind those that are there."""
        for name, column in self._columns.items():
            self._columns[name] = _extended(column, self.size, getattr(added, name))
        self.size += len(added)

    def snapshot(self) -> Documents:
        """The present entries; no copy is made."""
        return Documents(**{name: column[: self.size] for name, column in self._columns.items()})

    @property
    def nbytes(self) -> int:
        """Bytes of the columns, room for growth included."""
        return sum(column.nbytes for column in self._columns.values())


T = TypeVar("T", bound=np.generic)


def _extended(column: npt.NDArray[T], size: int, values: npt.NDArray[T]) -> npt.NDArray[T]:
    """The column with the values behind its first ``size`` entries; grows by a quarter when it is full."""
    end = size + len(values)
    if end > len(column):
        grown = np.empty(max(end, size + size // 4 + 16), dtype=column.dtype)
        grown[:size] = column[:size]
        column = grown
    column[size:end] = values
    return column


class Labels:
    """Numbers for the short texts that many records share (sessions, speakers, types); 0 is "none"."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {"": 0}
        self.texts: list[str] = [""]
        self.nbytes = 0

    def codes(self, texts: list[str]) -> Codes:
        """The number of each text; new texts get new numbers."""
        for text in set(texts).difference(self._codes):
            self._codes[text] = len(self.texts)
            self.texts.append(text)
            self.nbytes += 2 * len(text) + 160
        return np.fromiter(map(self._codes.__getitem__, texts), np.int32, len(texts))

    def known(self, texts: Sequence[str]) -> list[int]:
        """The numbers of those texts that some record has."""
        return [self._codes[text] for text in texts if text in self._codes]
