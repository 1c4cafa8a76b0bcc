"""The search behind the endpoints that retrieve messages and memories in one ranking."""

from __future__ import annotations

from mneme_common.domain.vectors import RecordKind
from mneme_gateway.decide.ranking_choice import profile_named
from mneme_gateway.decide.retrieval_params import RetrievalParams
from mneme_gateway.schemas.search import Retrieval
from mneme_gateway.search.query import Filters, Query


def unified_query(body: Retrieval, top_k: int, params: RetrievalParams) -> Query:
    """What the body asks for; each side brings its best max(50, 3 k), or more if the profile says."""
    profile = profile_named(body.profile, params.weights)
    filters = Filters(
        kinds=frozenset(body.kinds or RecordKind),
        types=tuple(body.types),
        tags=tuple(body.tags),
        session_id=body.session_id,
        namespace=body.namespace,
        occurred_from=body.occurred_from,
        occurred_to=body.occurred_to,
        metadata=body.filters,
        author_id=body.author_id,
        subject_id=body.subject_id,
        pinned=body.pinned,
        valid_at=body.valid_at,
        include_archived=body.include_archived,
    )
    return Query(
        text=body.query,
        top_k=top_k,
        pool=max(50, 3 * top_k, profile.pool_min),
        profile=profile,
        filters=filters,
        as_of=body.as_of,
        min_score=body.min_score,
        score_gap=body.score_gap,
        feedback_weight=params.feedback_weight,
    )
