"""Look-alikes of ASCII, so that what a person reads as a number or an address is found as one.

Full-width and mathematical characters, digits of other scripts, unusual spaces and dashes become their ASCII
equals; characters that show nothing are left out. Offsets into the folded text lead back into the original.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` as the detectors read it; ``places`` the offset of each of its characters, None: they are the same."""

    text: str
    places: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def fold(text: str) -> Folded:
    """The text as the detectors read it."""
    if text.isascii():
        return Folded(text)
    if not _INVISIBLE.search(text):
        return Folded("".join(map(_plain, text)))
    kept = [(index, _plain(char)) for index, char in enumerate(text) if not _INVISIBLE.match(char)]
    return Folded("".join(char for _, char in kept), tuple(index for index, _ in kept))


@lru_cache(maxsize=8_192)
def _plain(char: str) -> str:
    """One character for one, so that offsets stay."""
    if char.isascii():
        return char
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category == "Pd" or char == "\u2212":
        return "-"
    if category == "Nd":
        return str(unicodedata.digit(char))
    simple = unicodedata.normalize("NFKC", char)
    return simple if len(simple) == 1 and simple.isascii() else char
