"""What the detectors find in texts written for it, and what they leave alone."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from mneme_common.domain.sensitivity import find, redacted

_HERE = Path(__file__).parent / "sensitive"
_APART = "\u00a6"  # stands within keys, so that nobody takes this corpus for a leak
PRECISION_FLOOR = 0.98
RECALL_FLOOR = 0.98


def _positive() -> list[tuple[str, str]]:
    lines = (_HERE / "positive.tsv").read_text(encoding="utf-8").splitlines()
    return [(category, text) for category, text in (line.replace(_APART, "").split("\t") for line in lines)]


def _negative() -> list[str]:
    return (_HERE / "negative.txt").read_text(encoding="utf-8").splitlines()


def test_the_corpus_has_two_hundred_texts_of_either_kind() -> None:
    """No text twice."""
    positive, negative = _positive(), _negative()
    assert len({text for _, text in positive}) == len(positive) >= 200
    assert len(set(negative)) == len(negative) >= 200


def test_precision_and_recall_are_above_their_floors(capsys: pytest.CaptureFixture[str]) -> None:
    """Recall: texts in which the right category is found. Precision: of the texts in which anything is found."""
    missed = [(c, text) for c, text in _positive() if c not in {finding.category for finding in find(text)}]
    wrong = [(text, redacted(text)) for text in _negative() if find(text)]
    found = len(_positive()) - len(missed)
    recall, precision = found / len(_positive()), found / (found + len(wrong))
    with capsys.disabled():
        sizes = dict(Counter(category for category, _ in _positive()))
        sys.stdout.write(f"\nsensitive texts: precision {precision:.3f}, recall {recall:.3f} of {sizes}\n")
    assert precision >= PRECISION_FLOOR, wrong
    assert recall >= RECALL_FLOOR, missed


@pytest.mark.parametrize(("category", "text"), _positive())
def test_nothing_is_left_to_find_after_replacing(category: str, text: str) -> None:
    """What stands in the place of a finding is none."""
    once = redacted(text)
    assert redacted(once) == once
