"""Hits as the answers show them."""

from __future__ import annotations

from mneme_common.domain.vectors import RecordKind
from mneme_common.domain.vocabulary import Status
from mneme_gateway.reading.memories import memory_out
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.search import MessageHit, SearchHit
from mneme_gateway.search.service import Hit


def search_hit(hit: Hit) -> SearchHit:
    """A message or a memory in the shape that both share."""
    row, scored = hit.row, hit.scored
    if hit.kind is RecordKind.MEMORY:
        return SearchHit(
            id=row["memory_id"].hex,
            kind=hit.kind,
            content=row["content"],
            score=scored.score,
            components=scored.components,
            session_id=row["session_id"],
            namespace=row["namespace"],
            occurred_at=row["observed_at"],
            created_at=row["created_at"],
            importance=row["importance"],
            metadata=row["extra_metadata"],
            type=row["kind"],
            memory_type=row["memory_type"],
            tags=row["tags"],
            trust_tier=row["trust_tier"],
            revision=row["version"],
            source_message_ids=row["source_message_ids"],
        )
    return SearchHit(
        id=str(row["message_id"]),
        kind=hit.kind,
        content=row["content"],
        score=scored.score,
        components=scored.components,
        role=row["role"],
        name=row["name"],
        session_id=row["conversation_id"],
        namespace=row["namespace"],
        occurred_at=row["occurred_at"],
        created_at=row["created_at"],
        importance=row["importance_score"],
        metadata=row["metadata"],
        revision=row["revision"],
    )


def message_hit(hit: Hit) -> MessageHit:
    """A message as S2-07 shows it."""
    row, components = hit.row, hit.scored.components
    return MessageHit(
        message_id=str(row["message_id"]),
        score=hit.scored.score,
        similarity=components["similarity"],
        decay=components["decay"],
        content=row["content"],
        role=row["role"],
        name=row["name"],
        conversation_id=row["conversation_id"],
        metadata=row["metadata"],
        importance=row["importance_score"],
        occurred_at=row["occurred_at"],
        created_at=row["created_at"],
    )


def found_memory(hit: Hit) -> MemoryOut:
    """A memory as S4-02 shows it, in the state in which it was found: what ended it later is not said."""
    state = {"is_active": True, "status": Status.ACTIVE.value, "superseded_by": None}
    return memory_out(hit.row).model_copy(update={**state, "retrieval_score": hit.scored.score})
