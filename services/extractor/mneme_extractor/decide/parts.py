"""Long messages in parts, so that each fits into a question to a model."""

from __future__ import annotations

from collections.abc import Iterator


def split_content(content: str, longest: int) -> Iterator[tuple[int, str]]:
    """The parts with their offsets, none longer than ``longest``; cut at a line, a sentence or a word if possible."""
    start = 0
    while len(content) - start > longest:
        end = start + _cut(content[start : start + longest])
        yield start, content[start:end]
        start = end
    yield start, content[start:]


def _cut(text: str) -> int:
    half = len(text) // 2
    for mark in ("\n", ". ", " "):
        place = text.rfind(mark, half)
        if place > 0:
            return place + len(mark)
    return len(text)
