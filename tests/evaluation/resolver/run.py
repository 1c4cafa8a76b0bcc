"""Precision and recall of the resolver on the labelled pairs: ``python -m tests.evaluation.resolver.run [--json]``."""

from __future__ import annotations

import json
import sys

from tests.evaluation.resolver.pairs import load_pairs
from tests.evaluation.resolver.report import as_json, as_table, rows_of
from tests.evaluation.resolver.verdicts import Verdict, judge_all


def main(arguments: list[str]) -> None:
    """Prints the table and every wrong decision, or the figures as JSON."""
    verdicts = judge_all(load_pairs())
    rows = rows_of(verdicts)
    if "--json" in arguments:
        sys.stdout.write(json.dumps(as_json(rows), indent=2) + "\n")
        return
    sys.stdout.write(as_table(rows) + "\n")
    for verdict in verdicts:
        if verdict.false or verdict.unread or (verdict.belongs and not verdict.merged):
            sys.stdout.write(_wrong(verdict) + "\n")


def _wrong(verdict: Verdict) -> str:
    fault = "false update" if verdict.false else "unread" if verdict.unread else "missed"
    where = "among others" if verdict.crowded else "alone"
    chosen = [f"{action.action} ({action.rule}, {action.score})" for action in verdict.actions]
    return f"{fault}, {where}: {verdict.pair.known} / {verdict.pair.then}: {'; '.join(chosen)}"


if __name__ == "__main__":
    main(sys.argv[1:])
