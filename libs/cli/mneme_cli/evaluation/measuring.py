"""From what was found to measures: of one question, and of many together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mneme_cli.evaluation import metrics
from mneme_cli.evaluation.asking import Found, Packed
from mneme_cli.evaluation.datasets.dataset import Question

_RECALL_AT = (5, 10, 20, 50)
_SESSIONS_AT = (1, 5, 10)
_SCORE_SHARES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}


@dataclass(frozen=True, slots=True)
class Result:
    """One question, what was found for it, and its measures (empty where no document is relevant)."""

    question: Question
    found: Found
    measures: Mapping[str, float]
    packs: Mapping[int, Packed] = field(default_factory=dict)


def measured(
    question: Question, found: Found, sessions: Mapping[str, str], packs: Mapping[int, Packed] | None = None
) -> Result:
    """The result of a question; ``sessions`` says where each document was said."""
    measures = _measures(question, found, sessions) if question.gains else {}
    return Result(question, found, measures, packs or {})


def summary(results: Sequence[Result]) -> dict[str, float]:
    """The means over the questions that have relevant documents, and of packs the shares over all evidence."""
    counted = [result for result in results if result.measures]
    if not counted:
        return {"questions": 0}
    means = {name: metrics.mean([result.measures[name] for result in counted]) for name in counted[0].measures}
    return {"questions": len(counted), **means, **_pack_summary(counted)}


def by_category(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """A summary for each category."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.question.category].append(result)
    return {category: summary(groups[category]) for category in sorted(groups)}


def by_group(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """A summary for each group (conversation), of the questions that have an answer."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in answerable(results):
        groups[result.question.group].append(result)
    return {group: summary(groups[group]) for group in sorted(groups)}


def answerable(results: Sequence[Result]) -> list[Result]:
    """The results of the questions that have an answer."""
    return [result for result in results if not result.question.is_absent]


def abstention(results: Sequence[Result]) -> dict[str, object]:
    """How often nothing was returned where there is no answer, and where there is one; how the best scores differ."""
    absent = [result for result in results if result.question.is_absent]
    present = answerable(results)
    tops = [[result.found.scores[0] if result.found.scores else 0.0 for result in side] for side in (present, absent)]
    described: dict[str, object] = {"answerable": _silence(present), "adversarial": _silence(absent)}
    if all(tops):
        described["separation"] = metrics.separation(*tops)
    return described


def latency(milliseconds: Sequence[float]) -> dict[str, float]:
    """Percentiles of requests that took so long."""
    if not milliseconds:
        return {}
    return {
        "p50": metrics.percentile(milliseconds, 0.5),
        "p95": metrics.percentile(milliseconds, 0.95),
        "mean": metrics.mean(milliseconds),
        "max": max(milliseconds),
    }


def _measures(question: Question, found: Found, sessions: Mapping[str, str]) -> dict[str, float]:
    relevant, hits = question.gains.keys(), found.hits
    wanted = {sessions[document] for document in relevant}
    ranked = [sessions[document] for hit in hits for document in sorted(hit)]
    return {
        **{f"recall@{k}": metrics.recall(hits, relevant, k) for k in _RECALL_AT},
        "all@10": metrics.all_found(hits, relevant, 10),
        "MRR": metrics.reciprocal_rank(hits, relevant),
        "nDCG@10": metrics.ndcg(hits, question.gains, 10),
        **{f"session_any@{k}": metrics.any_session(ranked, wanted, k) for k in _SESSIONS_AT},
    }


def _pack_summary(results: Sequence[Result]) -> dict[str, float]:
    """``survival``: of the evidence that was found, the share in the pack; ``pack_recall``: of all evidence."""
    described: dict[str, float] = {}
    for budget in sorted({budget for result in results for budget in result.packs}):
        packs = [(set(result.question.gains), result.packs[budget]) for result in results if budget in result.packs]
        found = sum(len(evidence & pack.candidates) for evidence, pack in packs)
        kept = sum(len(evidence & pack.kept) for evidence, pack in packs)
        described[f"survival@{budget}"] = kept / found if found else 0.0
        described[f"pack_recall@{budget}"] = metrics.mean(
            [len(evidence & pack.kept) / len(evidence) for evidence, pack in packs]
        )
        described[f"pack_tokens@{budget}"] = metrics.mean([pack.used_tokens for _, pack in packs])
    return described


def _silence(results: Sequence[Result]) -> dict[str, object]:
    if not results:
        return {"questions": 0}
    tops = [result.found.scores[0] for result in results if result.found.scores]
    scores = {name: metrics.percentile(tops, share) for name, share in _SCORE_SHARES.items()} if tops else {}
    return {
        "questions": len(results),
        "nothing_returned": 1 - len(tops) / len(results),
        "results": metrics.mean([len(result.found.hits) for result in results]),
        "top_score": scores,
    }
