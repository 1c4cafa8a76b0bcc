"""Sentences that were judged by hand: what the rules find in them is right, and little is missing."""

from __future__ import annotations

from tests.evaluation.extractor.measuring import load_judged, measure

LEAST_PRECISION = 0.95
LEAST_RECALL = 0.95


def test_what_is_found_in_judged_sentences_is_right_and_nearly_all() -> None:
    measured = measure(load_judged())
    assert measured.sentences >= 150
    assert measured.precision >= LEAST_PRECISION, measured.wrong
    assert measured.recall >= LEAST_RECALL, measured.missing
