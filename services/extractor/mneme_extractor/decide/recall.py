"""Recalled memories that come back in what is said: recognised, so that they are not extracted again.

A context that is pasted into a message, or an answer that quotes what a search returned, says nothing new; read once
more, it would bring forgotten values back to life and make memories of memories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_LINE = re.compile(r"[^\r\n]+")
_SEGMENT = re.compile(r"[^.!?…\r\n]+(?:[.!?…](?!\s|$)[^.!?…\r\n]*)*[.!?…]*")
# A line of a packed context: "[3] 2026-05-01 Ann: what she said".
_PACKED = re.compile(r"^[ \t>*•-]*\[\d{1,3}\] (?P<date>\d{4}-\d{2}-\d{2}) (?P<text>.+)$", re.MULTILINE)
_SPEAKER = re.compile(r"[^\s:][^:\n]{0,127}: ")
_CUE = re.compile(
    r"\bthe user(?:'s)?\b|[\"\u201c\u201d\u201e«»]|^\s*>|\n"
    r"|\b(?:you|i) (?:said|told|mentioned|wrote|asked|noted|remember)"
    r"|\bremember(?:ed|ing|s)? (?:that|about|from)\b|\b(?:memor(?:y|ies)|recall(?:ed|s)?|context|known facts"
    r"|my notes|your notes|know about me|according to)\b",
    re.IGNORECASE | re.MULTILINE,
)
# One of these is in every text without other letters than ASCII's in which there is a cue.
_OF_CUES = (
    "the user", '"', ">", "\n", " said", " told", " mentioned", " wrote", " asked", " noted", "remember", "memor",
    "recall", "context", "known facts", "my notes", "your notes", "know about me", "according to",
)  # fmt: skip
_NEGATIONS = frozenset(
    [
        "no",
        "not",
        "never",
        "nor",
        "neither",
        "without",
        "cannot",
        "can't",
        "don't",
        "doesn't",
        "didn't",
        "isn't",
        "wasn't",
        "aren't",
        "won't",
        "hasn't",
        "haven't",
        "longer",
        "stopped",
        "quit",
        "wrong",
        "incorrect",
        "false",
        "untrue",
        "instead",
        "anymore",
    ]
)
_INTRODUCING = frozenset(
    [
        "a",
        "also",
        "and",
        "as",
        "i",
        "know",
        "me",
        "mentioned",
        "remember",
        "said",
        "so",
        "that",
        "the",
        "then",
        "told",
        "you",
    ]
)
_FEWEST_WORDS = 3
_SHINGLE = 3
_ALIKE = 0.8
"""The share of a segment's shingles that a known text must have, for the segment to be that text in other dress."""


@dataclass(frozen=True)
class Known:
    """Something on record that a search may have returned, in the words that it has there.

    ``stated`` is what somebody said or stored in so many words: said again, it is a quotation only while it still
    holds, or in a line of a packed context. What an extractor worded is nobody's way of speaking.
    """

    record_id: UUID
    text: str
    stated: bool = False
    current: bool = True

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The text as it is compared."""
        return normal_words(self.text)

    @cached_property
    def different_words(self) -> frozenset[str]:
        """Each of its words once."""
        return frozenset(self.words)


@dataclass(frozen=True, slots=True)
class Recalled:
    """A piece of a message that repeats a record: character offsets into the message."""

    record_id: UUID
    start: int
    end: int


def may_recall(content: str, speaker: str | None) -> bool:
    """Whether it is worth looking: spares most messages the question what is known."""
    if speaker and speaker in content:
        return True
    if content.isascii():
        lowered = content.lower()
        if not any([text in lowered for text in _OF_CUES]):  # noqa: C419  (a list is twice as fast here)
            return bool(packed_dates(content))
    return _CUE.search(content) is not None or bool(packed_dates(content))


def packed_dates(content: str) -> frozenset[date]:
    """The days of the lines that look as if they came from a packed context."""
    if "[" not in content:
        return frozenset()
    return frozenset(day for match in _PACKED.finditer(content) if (day := _date(match["date"])) is not None)


def find_recalled(content: str, known: Sequence[Known]) -> tuple[Recalled, ...]:
    """The pieces that repeat something known, in order, without overlap."""
    found: list[Recalled] = []
    for line in _LINE.finditer(content):
        packed = _packed(content, line, known)
        found += [packed] if packed else _in_segments(content, line, known)
    return tuple(found)


def masked(content: str, recalled: Iterable[Recalled]) -> str:
    """The content with white space in place of what it repeats; every offset stays."""
    for piece in recalled:
        content = content[: piece.start] + " " * (piece.end - piece.start) + content[piece.end :]
    return content


def normal_words(text: str) -> tuple[str, ...]:
    """The words, lower-cased, without punctuation: how two texts are compared."""
    return tuple(match[0].lower().replace("\u2019", "'") for match in _WORD.finditer(text))


def _packed(content: str, line: re.Match[str], known: Sequence[Known]) -> Recalled | None:
    """A whole line of a packed context, which names its day and perhaps its speaker."""
    match = _PACKED.match(content, line.start(), line.end())
    if match is None:
        return None
    speaker = _SPEAKER.match(match["text"])
    wanted = {normal_words(match["text"])} | ({normal_words(match["text"][speaker.end() :])} if speaker else set())
    for item in known:
        if item.words and item.words in wanted:
            return Recalled(item.record_id, line.start(), line.end())
    return None


def _in_segments(content: str, line: re.Match[str], known: Sequence[Known]) -> Iterator[Recalled]:
    quotable = [item for item in known if not item.stated or item.current]
    for segment in _SEGMENT.finditer(content, line.start(), line.end()):
        said = [
            _Word(match[0].lower().replace("\u2019", "'"), match.start(), match.end())
            for match in _WORD.finditer(content, segment.start(), segment.end())
        ]
        piece = _repeated(content, said, quotable)
        if piece is not None:
            item, first, last = piece
            end = segment.end() if last == len(said) else said[last - 1].end
            yield Recalled(item.record_id, said[first].start, end)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def _repeated(content: str, said: Sequence[_Word], known: Sequence[Known]) -> tuple[Known, int, int] | None:
    """What is repeated, from which word to which: the longest that is there word for word, else one alike."""
    spoken = tuple(word.text for word in said)
    here = frozenset(spoken)
    best: tuple[Known, int, int] | None = None
    for item in known:
        words = item.words
        start = _place(words, spoken, item) if words and words[0] in here else None
        if start is None or not _ends_there(content, said, start + len(words)):
            continue
        rest = spoken[:start] + spoken[start + len(words) :]
        if _NEGATIONS.isdisjoint(rest) and (best is None or len(words) > best[2] - best[1]):
            best = item, start, start + len(words)
    if best is not None:
        return best
    # Nothing is alike that lacks a word which says something: the longest spares nearly all comparisons.
    telling = max(sorted(here - _INTRODUCING), key=len, default="")
    alike = (item for item in known if not item.stated and (not telling or telling in item.different_words))
    found = next((item for item in alike if _alike(spoken, item)), None)
    return None if found is None else (found, 0, len(said))


def _place(words: tuple[str, ...], said: tuple[str, ...], item: Known) -> int | None:
    """What was stated is a quotation as a whole segment only; what was worded for it, anywhere."""
    if len(words) < _FEWEST_WORDS:
        return None
    if words == said:
        return 0
    if item.stated:
        return None
    return next((at for at in range(len(said) - len(words) + 1) if said[at : at + len(words)] == words), None)


def _ends_there(content: str, said: Sequence[_Word], end: int) -> bool:
    """Whether the repetition ends with its segment or at a mark: "... lives in Berlin Mitte" says more."""
    return end == len(said) or not content[said[end - 1].end : said[end].start].isspace()


def _alike(said: tuple[str, ...], known: Known) -> bool:
    """Nearly the same in the same order, no new word but what introduces a quotation, no negation more or less."""
    here, there = set(said), known.different_words
    if not here - there <= _INTRODUCING or not _NEGATIONS.isdisjoint(there - here):
        return False
    ours, theirs = _shingles(said), _shingles(known.words)
    common = len(ours & theirs)
    return bool(ours) and common >= _ALIKE * len(ours) and 2 * common >= len(theirs)


def _shingles(said: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    if len(said) < _SHINGLE + 2:
        return frozenset()
    return frozenset(said[at : at + _SHINGLE] for at in range(len(said) - _SHINGLE + 1))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
