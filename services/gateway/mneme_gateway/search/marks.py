"""What a text is besides its terms: bits that rankings read, found for a whole batch of texts at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mneme_gateway.decide.question_words import TIME_WORDS
from mneme_gateway.decide.ranking_signals import ASKS, TELLS_TIME

Marks = npt.NDArray[np.uint8]

_NUL, _NEWLINE, _SPACE, _QUESTION = b"\x00"[0], b"\n"[0], b" "[0], b"?"[0]
_OTHER_QUESTION_MARKS = ("\uff1f".encode(), "\u061f".encode())
_TIME_BYTES = frozenset(word.encode() for word in TIME_WORDS) | {str(year).encode() for year in range(1900, 2100)}


def text_marks(texts: bytes, words: Sequence[bytes]) -> Marks:
    """One entry a text of UTF-8 texts joined by NUL; ``words`` are all of their words, NUL among them."""
    marks = np.zeros(texts.count(b"\x00") + 1, dtype=np.uint8)
    ends = np.fromiter(map(b"\x00".__eq__, words), np.bool_, len(words))
    tells = np.fromiter(map(_TIME_BYTES.__contains__, words), np.bool_, len(words))
    marks[np.cumsum(ends)[tells]] |= TELLS_TIME
    marks[_asking(texts)] |= ASKS
    return marks


def _asking(texts: bytes) -> npt.NDArray[np.intp]:
    """The numbers of the texts of which a line ends with a question mark."""
    for mark in _OTHER_QUESTION_MARKS:
        texts = texts.replace(mark, b"?")
    characters = np.frombuffer(texts + b"\n\n", np.uint8)
    places = np.flatnonzero(characters[:-2] == _QUESTION)
    following, second = characters[places + 1], characters[places + 2]
    at_end = (following == _NEWLINE) | ((following == _SPACE) & ((second == _NUL) | (second == _NEWLINE)))
    found: npt.NDArray[np.intp] = np.searchsorted(np.flatnonzero(characters == _NUL), places[at_end])
    return found
