"""Sentences with their offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = re.compile(r"[.!?…\n](?:(?<=\n)|(?<![.!?…]{2})[.!?…]*+[\"'”\u2019»)\]]*+(?=\s|$))")
_BULLET = re.compile(r"\s*(?:[-*•\u2013]|\d{1,2}[.)])?\s+|\s*")
_LONGEST = 2_000
"""Characters; what has no end for longer is no sentence, and is not looked at."""

_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Mt|vs|e\.g|i\.e|etc|approx|No|a\.m|p\.m|U\.S|U\.K)|\b[A-Z])$"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` is the content from ``start`` to ``end``, without surrounding white space."""

    text: str
    start: int
    end: int

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.text.rstrip("\"'”\u2019»)]").endswith("?")


def split_sentences(text: str) -> Iterator[Sentence]:
    """The sentences in order: they end at a mark before white space, or with the line; bullets are left out."""
    start = 0
    for match in _END.finditer(text):
        if match.start() < start or _goes_on(text, match):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _goes_on(text: str, match: re.Match[str]) -> bool:
    if match[0] != ".":
        return False
    following = text[match.end() : match.end() + 2].strip()
    before = text[max(0, match.start() - 8) : match.start()]
    abbreviated = _ABBREVIATION.search(before) is not None
    return abbreviated and following != "" and text[match.end() : match.end() + 1] != "\n"


def _trimmed(text: str, start: int, end: int) -> Iterator[Sentence]:
    bullet = _BULLET.match(text, start, end)
    begin = bullet.end() if bullet else start
    while end > begin and text[end - 1].isspace():
        end -= 1
    if 0 < end - begin <= _LONGEST:
        yield Sentence(text[begin:end], begin, end)
