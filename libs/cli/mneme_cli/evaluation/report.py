"""An artefact as tables for people; shares in percent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from mneme_cli.screen import Screen, table

_RANKING = ("recall@5", "recall@10", "recall@20", "recall@50", "all@10", "MRR", "nDCG@10")
_SESSIONS = ("session_any@1", "session_any@5", "session_any@10")


def show(screen: Screen, found: Mapping[str, Any]) -> None:
    """Prints the measures of one evaluation."""
    screen.say(_ranking_table(found))
    screen.say()
    screen.say(_session_table(found))
    if any(name.startswith("survival@") for name in found["overall"]):
        screen.say()
        screen.say(_pack_table(found["overall"]))
    screen.say()
    for line in (*_latencies(found), *_abstention(found["abstention"]), *_spread(found["spread"])):
        screen.say(line)


def percent(value: object) -> str:
    """A share as people read it."""
    return f"{100 * value:.1f}" if isinstance(value, int | float) else ""


def _rows(found: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    categories = [(f"category {name}", measures) for name, measures in found["by_category"].items()]
    baselines = [(f"baseline {name}", part["overall"]) for name, part in found["baselines"].items()]
    return [("overall", found["overall"]), *categories, *baselines]


def _ranking_table(found: Mapping[str, Any]) -> Table:
    return _table(_rows(found), _RANKING)


def _session_table(found: Mapping[str, Any]) -> Table:
    return _table(_rows(found), _SESSIONS)


def _table(rows: Sequence[tuple[str, Mapping[str, Any]]], names: Sequence[str]) -> Table:
    cells = [
        [label, str(measures["questions"]), *(percent(measures.get(name)) for name in names)]
        for label, measures in rows
    ]
    return table("", "questions", *names, rows=cells)


def _pack_table(overall: Mapping[str, Any]) -> Table:
    budgets = [name.removeprefix("survival@") for name in overall if name.startswith("survival@")]
    rows = [
        [
            budget,
            percent(overall[f"survival@{budget}"]),
            percent(overall[f"pack_recall@{budget}"]),
            f"{overall[f'pack_tokens@{budget}']:.0f}",
        ]
        for budget in budgets
    ]
    return table("token budget", "evidence survives", "evidence in the pack", "tokens used", rows=rows)


def _latencies(found: Mapping[str, Any]) -> list[str]:
    parts = {"search": found["latency_ms"], "context": found["context_latency_ms"]}
    return [f"{name}: p50 {ms['p50']:.1f} ms, p95 {ms['p95']:.1f} ms" for name, ms in parts.items() if ms]


def _abstention(found: Mapping[str, Any]) -> list[str]:
    absent, present = found["adversarial"], found["answerable"]
    if not absent["questions"]:
        return []
    said = (
        f"abstention: nothing returned for {percent(absent['nothing_returned'])} % of {absent['questions']} questions"
        f" without an answer, and for {percent(present.get('nothing_returned'))} % of those with one"
    )
    if "separation" not in found:
        return [said]
    return [said, f"the best score tells them apart with {found['separation']:.3f} (0.5: not at all, 1: always)"]


def _spread(found: Mapping[str, float]) -> list[str]:
    if not found:
        return []
    parts = ", ".join(f"{name} {100 * value:.1f}" for name, value in found.items())
    return [f"standard deviation over groups: {parts}"]
