"""Distilling without a model: sentences that say the same once, the rest with their common beginnings merged.

Every word of a sentence that is kept stays, so nothing that a source says is lost: "The user loves tea." and "The user
loves jam." become "The user loves tea and jam."
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mneme_common.domain.text import term, words

_NEGATIONS = frozenset({"no", "not", "nor", "never", "neither", "cannot", "without", "longer"})
_ENDS = " .!…"
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


@dataclass(slots=True)
class _Branch:
    """Words that several sentences begin with, and how each goes on; ``ends`` where one ends here."""

    word: str = ""
    ends: bool = False
    further: dict[str, _Branch] = field(default_factory=dict)


def distil(sentences: Iterable[str]) -> str:
    """One text that says what the sentences say; equal sentences give equal text, in their order."""
    kept = without_repetitions([sentence.strip(_ENDS) for sentence in sentences if sentence.strip(_ENDS)])
    root = _Branch()
    for sentence in kept:
        _grow(root, sentence.split())
    return " ".join(f"{_said(branch)}." for branch in root.further.values())


def without_repetitions(sentences: Sequence[str]) -> list[str]:
    """The sentences without those whose every word another one says, in the same order and as often denied."""
    said = [_terms(sentence) for sentence in sentences]
    kept: list[int] = []
    for index, mine in enumerate(said):
        later = any(_covers(other, mine) and not _covers(mine, other) for other in said[index + 1 :])
        if not later and not any(_covers(said[before], mine) for before in kept):
            kept.append(index)
    return [sentences[index] for index in kept]


def covers(text: str, sentence: str) -> bool:
    """Whether everything that the sentence says is in the text: its terms, each as often denied as there."""
    return set(_terms(sentence)) <= set(_terms(text))


def says_in_order(text: str, sentence: str) -> bool:
    """Whether one sentence of the text has all terms of the given one, in its order and as often denied."""
    said = _terms(sentence)
    return any(_covers(_terms(part), said) for part in _SENTENCE_END.split(text))


def denies(sentence: str) -> bool:
    """Whether something is denied in it."""
    return "not" in _terms(sentence)


def _covers(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    if sum(word == "not" for word in whole) != sum(word == "not" for word in part):
        return False
    rest = iter(whole)
    return all(word in rest for word in part)


def _terms(sentence: str) -> tuple[str, ...]:
    found = []
    for word in words(sentence):
        plain = word.replace("\u2019", "'")
        found.append("not" if plain in _NEGATIONS or plain.endswith("n't") else term(word))
    return tuple(word for word in found if word)


def _grow(branch: _Branch, rest: Sequence[str]) -> None:
    for word in rest:
        branch = branch.further.setdefault(word, _Branch(word))
    branch.ends = True


def _said(branch: _Branch) -> str:
    """The words down to where sentences part, and then each of the ways on: commas within, semicolons around those."""
    run = [branch.word]
    while len(branch.further) == 1 and not branch.ends:
        branch = next(iter(branch.further.values()))
        run.append(branch.word)
    if not branch.further:
        return " ".join(run)
    ways = [_said(further) for further in branch.further.values()]
    opening = " ".join(run)
    if branch.ends:
        return "; ".join([opening, *(f"{opening} {way}" for way in ways)])
    if any("," in way or ";" in way or " and " in way for way in ways):
        return f"{opening} {'; '.join(ways)}"
    return f"{opening} {', '.join(ways[:-1])} and {ways[-1]}"
