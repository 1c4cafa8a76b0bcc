"""An evaluation as JSON: what `mneme eval` writes and `mneme eval --compare` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mneme_cli.evaluation import metrics
from mneme_cli.evaluation.measuring import (
    Result,
    abstention,
    answerable,
    by_category,
    by_group,
    latency,
    summary,
)
from mneme_cli.evaluation.running import Outcome, Plan
from mneme_cli.failures import USAGE, CommandFailedError

_RANKED = 50
_SPREAD_OVER = ("recall@10", "nDCG@10", "session_any@1")


def artefact(outcome: Outcome, plan: Plan, about: Mapping[str, object]) -> dict[str, Any]:
    """Everything that was measured. Measures are from 0 to 1, times in milliseconds."""
    groups = by_group(outcome.results)
    packs = [pack.milliseconds for result in outcome.results for pack in result.packs.values()]
    return {
        **about,
        "plan": asdict(plan),
        "overall": summary(answerable(outcome.results)),
        "by_category": by_category(outcome.results),
        "by_group": groups,
        "spread": {
            name: metrics.spread([group[name] for group in groups.values()])
            for name in _SPREAD_OVER
            if groups and all(name in group for group in groups.values())
        },
        "latency_ms": latency([result.found.milliseconds for result in outcome.results]),
        "context_latency_ms": latency(packs),
        "abstention": abstention(outcome.results),
        "baselines": {name: _baseline(results) for name, results in outcome.baselines.items()},
        "questions": [_question(result) for result in outcome.results],
    }


def read_artefact(path: Path) -> dict[str, Any]:
    """An artefact that was written; raises CommandFailedError."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandFailedError(f"{path}: {error}", status=USAGE) from None
    if not isinstance(value, dict) or not {"overall", "by_category", "questions"} <= value.keys():
        raise CommandFailedError(f"{path} is not an artefact of `mneme eval`", status=USAGE)
    return value


def _baseline(results: Sequence[Result]) -> dict[str, object]:
    return {
        "overall": summary(answerable(results)),
        "by_category": by_category(results),
        "latency_ms": latency([result.found.milliseconds for result in results]),
    }


def _question(result: Result) -> dict[str, object]:
    question = result.question
    return {
        "id": question.question_id,
        "group": question.group,
        "category": question.category,
        "question": question.text,
        "relevant": sorted(question.gains),
        "found": [sorted(hit) for hit in result.found.hits[:_RANKED]],
        "top_score": result.found.scores[0] if result.found.scores else None,
        "milliseconds": round(result.found.milliseconds, 3),
        "measures": dict(result.measures),
        "packs": {
            str(budget): {"kept": sorted(pack.kept & question.gains.keys()), "used_tokens": pack.used_tokens}
            for budget, pack in result.packs.items()
        },
    }
