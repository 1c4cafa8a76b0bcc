"""Precision and recall on labelled pairs, through the rule extractor or from given values to the decision."""

from __future__ import annotations

import pytest

from tests.evaluation.resolver.pairs import load_background, load_pairs
from tests.evaluation.resolver.person import Person
from tests.evaluation.resolver.verdicts import Verdict, figures_of, judge_all

FEWEST_PAIRS = 300
LEAST_RECALL = 0.9


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    """Every pair alone, and among forty other memories."""
    return judge_all(load_pairs())


def test_there_are_pairs_enough_of_every_label() -> None:
    pairs = load_pairs()
    assert len(pairs) >= FEWEST_PAIRS
    labels = [pair.label for pair in pairs]
    assert min(labels.count(label) for label in ("reworded", "contradicted", "different")) >= 75
    assert len({(str(pair.known), str(pair.then)) for pair in pairs}) == len(pairs)


def test_nothing_is_updated_that_is_about_something_else(verdicts: list[Verdict]) -> None:
    assert [(verdict.pair.known, verdict.pair.then) for verdict in verdicts if verdict.false] == []


def test_every_pair_gets_as_far_as_the_resolver(verdicts: list[Verdict]) -> None:
    assert [(verdict.pair.known, verdict.pair.then) for verdict in verdicts if verdict.unread] == []


@pytest.mark.parametrize("of", ["said", "given", "held out"])
def test_nine_of_ten_that_belong_together_are_brought_together(verdicts: list[Verdict], of: str) -> None:
    figures = figures_of(verdict for verdict in verdicts if verdict.pair.of == of)
    assert figures.recall >= LEAST_RECALL, figures


def test_the_background_stays_as_it_was_said() -> None:
    """Forty statements about forty things are forty memories."""
    person = Person()
    for sentence in load_background():
        person.says("", sentence)
    assert len(person.state.memories) == len(load_background())
