"""The rule extractor's figures as `make eval` prints them."""

from __future__ import annotations

from tests.evaluation.extractor.measuring import load_judged, measure
from tests.evaluation.figure import Figure


def extractor_figure() -> Figure:
    """Over all judged sentences; what is wrong and what is missing is a command of its own."""
    measured = measure(load_judged())
    return Figure(
        "rules on judged sentences",
        {"sentences": measured.sentences, "precision": measured.precision, "recall": measured.recall},
    )
