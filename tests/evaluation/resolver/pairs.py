"""Labelled pairs: what is known, what comes then, and what a resolver should make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

Label = Literal["reworded", "contradicted", "deleted", "different"]
Said = str | dict[str, str]
"""A sentence for the rule extractor, or the values that a model would propose."""

_HERE = Path(__file__).parent
SETS = {"said": "said.yaml", "given": "given.yaml", "held out": "held_out.yaml"}


@dataclass(frozen=True, slots=True)
class Pair:
    """``reworded`` and ``contradicted`` belong to the known memory, ``deleted`` ends it, ``different`` leaves it."""

    of: str
    memory_class: str
    label: Label
    known: Said
    then: Said


def load_pairs() -> list[Pair]:
    """All pairs of all sets, in order."""
    return [pair for name, file in SETS.items() for pair in _pairs(name, _read(file))]


def load_background() -> list[str]:
    """What else the person has said."""
    found = yaml.load((_HERE / "background.yaml").read_text(), Loader=yaml.BaseLoader)
    return [str(sentence) for sentence in found]


def _read(file: str) -> dict[str, dict[Label, list[tuple[Said, Said]]]]:
    # The base loader leaves every scalar the text that it is: dates and numbers too.
    found: dict[str, dict[Label, list[tuple[Said, Said]]]] = yaml.load(
        (_HERE / file).read_text(), Loader=yaml.BaseLoader
    )
    return found


def _pairs(name: str, classes: dict[str, dict[Label, list[tuple[Said, Said]]]]) -> Iterator[Pair]:
    for memory_class, labels in classes.items():
        for label, pairs in labels.items():
            for known, then in pairs:
                yield Pair(name, memory_class, label, known, then)
