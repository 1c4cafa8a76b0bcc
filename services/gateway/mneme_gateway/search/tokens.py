"""Many texts as term numbers at once: the same terms as ``text.terms``, at the speed that loading a user needs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mneme_common.domain.text import terms
from mneme_gateway.search.marks import Marks, text_marks

TermIds = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]

SEPARATOR = b" \x00 "
"""Between two texts of a batch: no text holds a NUL character."""

_TEXT_END = -1
_NO_TERM = 0
_SEVERAL_TERMS = -2
_REMEMBERED_MAX = 262_144


@dataclass(frozen=True, slots=True)
class Tokens:
    """The terms of a batch in reading order: ``documents`` numbers the text that each belongs to.

    ``marks`` has one entry for each text of the batch.
    """

    terms: TermIds
    documents: Numbers
    marks: Marks


def term_id(term: str) -> int:
    """A term's number, from 1 to 2**63 - 1, the same in every process."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big") >> 1 or 1


def _word_bytes() -> bytes:
    """Lower-cases ASCII and turns what no word contains into spaces; other bytes are left to ``terms``."""
    kept = {ord("'"): ord("'"), 0: 0}
    table = [kept.get(byte, byte if byte > 127 or chr(byte).isalnum() else ord(" ")) for byte in range(256)]
    return bytes(table).lower()


_WORD_BYTES = _word_bytes()


class Tokeniser:
    """Cuts batches of texts into term numbers; remembers the numbers of words it has seen. Safe between threads."""

    def __init__(self, seen: Callable[[int, str], None] | None = None) -> None:
        """``seen`` is told every term and its number when it is met, perhaps more than once."""
        self._numbers = _WordNumbers(seen)

    def tokens(self, texts: bytes, first: int = 0) -> Tokens:
        """The terms of UTF-8 texts joined by SEPARATOR, numbered from ``first``."""
        words = texts.translate(_WORD_BYTES).split()
        found = np.fromiter(map(self._numbers.__getitem__, words), np.int64, len(words))
        places = np.flatnonzero(found == _SEVERAL_TERMS)
        if places.size:
            found = self._expanded(found, words, places)
        ends = found == _TEXT_END
        marks = text_marks(texts, words)
        kept = (found != _NO_TERM) & ~ends
        documents = np.cumsum(ends, dtype=np.uint32)[kept] + np.uint32(first)
        return Tokens(found[kept], documents, marks)

    def _expanded(self, found: TermIds, words: Sequence[bytes], places: npt.NDArray[np.intp]) -> TermIds:
        several = [[term_id(term) for term in terms(words[place].decode())] for place in places]
        inserted = np.repeat(places, [len(numbers) for numbers in several])
        numbers = [number for group in several for number in group]
        return np.insert(np.where(found == _SEVERAL_TERMS, _NO_TERM, found), inserted, numbers)


class _WordNumbers(dict[bytes, int]):
    """From a run of word bytes to its term's number; forgets everything when it has grown too large."""

    def __init__(self, seen: Callable[[int, str], None] | None) -> None:
        super().__init__({b"\x00": _TEXT_END})
        self._seen = seen

    def __missing__(self, word: bytes) -> int:
        if len(self) >= _REMEMBERED_MAX:
            self.clear()
            self[b"\x00"] = _TEXT_END
        found = terms(word.decode())
        if self._seen is not None:
            for term in found:
                self._seen(term_id(term), term)
        number = _SEVERAL_TERMS if len(found) > 1 else term_id(found[0]) if found else _NO_TERM
        self[word] = number
        return number
