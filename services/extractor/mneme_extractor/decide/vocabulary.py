"""Sets of words and their synonyms, written as running text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def vocabulary(text: str) -> frozenset[str]:
    """The words of the text."""
    return frozenset(text.split())


def by_synonym(kept: Mapping[str, str]) -> dict[str, str]:
    """The word that is kept, by each of its synonyms (which are written with bars between them)."""
    return {synonym: word for word, synonyms in kept.items() for synonym in synonyms.split("|")}


def alternatives(words: Iterable[str]) -> str:
    """A pattern of the words, the longest first, in an order that depends on nothing else."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))
