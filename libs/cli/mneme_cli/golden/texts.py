"""What a case expects of a list of texts, as a function of values. A text is named by any part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def faults(expected: Mapping[str, Any], texts: Sequence[str]) -> Iterator[str]:
    """What does not hold, in words; nothing when all holds."""
    yield from (f"lacks {part!r}" for part in _parts(expected, "has") if not _places(part, texts))
    yield from (f"has {part!r}" for part in _parts(expected, "lacks") if _places(part, texts))
    if "first" in expected and not (texts and _says(texts[0], str(expected["first"]))):
        yield f"does not begin with {expected['first']!r}"
    if "count" in expected and len(texts) != expected["count"]:
        yield f"has {len(texts)} instead of {expected['count']}"
    if expected.get("nothing") and texts:
        yield f"has {len(texts)} instead of nothing"
    if "exactly" in expected and sorted(texts) != sorted(_parts(expected, "exactly")):
        yield f"is not exactly {sorted(_parts(expected, 'exactly'))}"
    yield from _disorder(_parts(expected, "order"), texts)


def _disorder(order: Sequence[str], texts: Sequence[str]) -> Iterator[str]:
    places = [_places(part, texts) for part in order]
    for part, found in zip(order, places, strict=True):
        if not found:
            yield f"lacks {part!r}"
    known = [found[0] for found in places if found]
    if known != sorted(known):
        yield f"is not in the order {list(order)}"


def _parts(expected: Mapping[str, Any], name: str) -> list[str]:
    value = expected.get(name, [])
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _places(part: str, texts: Sequence[str]) -> list[int]:
    return [place for place, text in enumerate(texts) if _says(text, part)]


def _says(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()
