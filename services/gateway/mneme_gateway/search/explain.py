"""Why an answer is as it is, in the levels of S4-13. Only the times differ between two equal searches."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.schemas.search import ExplainLevel
from mneme_gateway.search.documents import MEMORY
from mneme_gateway.search.missing import missing_report
from mneme_gateway.search.query import Filters, Query
from mneme_gateway.search.ranking import Scored
from mneme_gateway.search.service import Answer

_SCORE_DECIMALS = 4
_TIME_DECIMALS = 3


def explained(answer: Answer, level: ExplainLevel, missing: UUID | None = None) -> dict[str, object] | None:
    """``basic``: times and counts; ``verbose`` adds every candidate, ``analyze`` parameters and who was dropped.

    ``missing`` is a record of which to tell why it is not among the results, at any level.
    """
    about: dict[str, object] = (
        {} if missing is None else {"missing": missing_report(answer.found, answer.query, missing)}
    )
    if level == "none":
        return about or None
    parts = _basic(answer, level) | _second_stage(answer) | about
    if level in ("verbose", "analyze"):
        parts["candidate_scores"] = _candidates(answer)
    if level == "analyze":
        parts["parameters"] = _parameters(answer)
        parts["filters"] = _filters(answer.query)
        parts["dropped"] = _dropped(answer)
    return parts


def _basic(answer: Answer, level: ExplainLevel) -> dict[str, object]:
    trace = answer.found.trace
    fulltext_attempted = trace.is_away or not answer.query.profile.embedded_only
    return {
        "level": level,
        "path": _path(fulltext=fulltext_attempted, vector=not trace.is_away),
        "vector_attempted": True,
        "vector_hit": trace.vector_hits > 0,
        "vector_candidates": trace.vector_hits,
        "fulltext_attempted": fulltext_attempted,
        "fulltext_hit": trace.fulltext_hits > 0,
        "fulltext_candidates": trace.fulltext_hits,
        "graph_attempted": False,
        "graph_hit": False,
        "graph_candidates": 0,
        "result_count": len(answer.hits),
        "embedding_ms": round(trace.embedding_ms, _TIME_DECIMALS),
        "vector_ms": round(trace.vector_ms, _TIME_DECIMALS),
        "fulltext_ms": round(trace.fulltext_ms, _TIME_DECIMALS),
        "graph_ms": 0.0,
        "total_ms": round(answer.total_ms, _TIME_DECIMALS),
    }


def _second_stage(answer: Answer) -> dict[str, object]:
    """What a second stage did, when one was asked for; without ``problem`` the order is its own."""
    done = answer.reranking
    if done is None:
        return {}
    ms = round(done.milliseconds, _TIME_DECIMALS)
    told = {"model": done.model, "candidates": done.candidates, "applied": done.problem is None, "ms": ms}
    return {"rerank": told if done.problem is None else {**told, "problem": done.problem}}


def _path(*, fulltext: bool, vector: bool) -> str:
    if fulltext and vector:
        return "hybrid"
    return "vector" if vector else "fulltext"


def _candidates(answer: Answer) -> list[dict[str, object]]:
    ranked = answer.found.ranked
    candidates = [*ranked.results, *(scored for scored, reason in ranked.dropped if reason != "floor")]
    return [_candidate(answer, scored) | {"rank": rank} for rank, scored in enumerate(candidates, start=1)]


def _candidate(answer: Answer, scored: Scored) -> dict[str, object]:
    view = answer.found.view
    record_id = view.record_id(scored.place)
    is_memory = view.documents.kind[scored.place] == MEMORY
    named = {"memory_id": record_id.hex} if is_memory else {"message_id": str(record_id)}
    scores = {f"{name}_score": round(value, _SCORE_DECIMALS) for name, value in scored.components.items()}
    return {**named, "final_score": round(scored.score, _SCORE_DECIMALS), **scores}


def _dropped(answer: Answer) -> list[dict[str, object]]:
    return [_candidate(answer, scored) | {"reason": reason} for scored, reason in answer.found.ranked.dropped]


def _parameters(answer: Answer) -> dict[str, object]:
    profile = answer.query.profile
    return {
        "profile": profile.name,
        "weights": dict(profile.weights),
        "floors": dict(profile.floors),
        "cut": asdict(answer.query.cut),
        "feedback_weight": answer.query.feedback_weight,
        "bm25": asdict(Bm25Parameters()),
        "top_k": answer.query.top_k,
        "candidates_per_side": answer.query.pool,
        "now": answer.found.now.isoformat(),
        "position": answer.position,
        "documents": int(answer.found.view.live.sum()),
    }


def _filters(query: Query) -> dict[str, object]:
    """The filters as they were understood; those that were not given are left out."""
    given = {**asdict(query.filters), "preferred_session": query.preferred_session}
    usual = {**asdict(Filters(kinds=frozenset())), "preferred_session": None}
    return {name: _plain(value) for name, value in given.items() if value != usual[name]}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (frozenset, tuple)):
        return sorted(str(item) for item in value)
    return value
