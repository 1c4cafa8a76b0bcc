"""The resolver's figures as `make eval` prints them."""

from __future__ import annotations

from tests.evaluation.figure import Figure
from tests.evaluation.resolver.pairs import load_pairs
from tests.evaluation.resolver.report import rows_of
from tests.evaluation.resolver.verdicts import judge_all


def resolver_figure() -> Figure:
    """Over all labelled pairs, and the recall of those that were set aside; the whole table is a command of its own."""
    rows = {row.name: row for row in rows_of(judge_all(load_pairs()))}
    whole = rows["all"]
    return Figure(
        "resolver on labelled pairs",
        {
            "pairs": whole.pairs,
            "precision": whole.figures.precision,
            "recall": whole.figures.recall,
            "recall held out": rows["held out"].figures.recall,
            "false updates": whole.figures.false_updates,
        },
    )
