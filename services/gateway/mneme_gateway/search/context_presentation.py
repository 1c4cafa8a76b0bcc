"""Contexts as the answers show them."""

from __future__ import annotations

from mneme_common.domain.vectors import RecordKind
from mneme_gateway.decide.token_counting import tokens_of
from mneme_gateway.schemas.context import ContextItem, ContextOut, DroppedItem, Provenance
from mneme_gateway.search.context import Context
from mneme_gateway.search.service import Hit

_MESSAGE_SOURCE = "message"


def context_out(context: Context) -> ContextOut:
    """The pack with its provenance."""
    packed = context.packed
    items = [
        ContextItem(
            **_provenance(item.candidate.record_id, context.hits[item.candidate.record_id]).model_dump(),
            number=item.number,
            content=context.hits[item.candidate.record_id].row["content"],
            line=item.line,
            tokens=tokens_of(item.line),
            pinned=item.candidate.pinned,
            duplicates=[_provenance(name, context.hits[name]) for name in item.repeated_by],
        )
        for item in packed.items
    ]
    dropped = [
        DroppedItem(
            id=candidate.record_id,
            kind=context.hits[candidate.record_id].kind,
            score=candidate.score,
            reason=reason,
            source_message_ids=context.hits[candidate.record_id].row.get("source_message_ids", []),
        )
        for candidate, reason in packed.dropped
    ]
    return ContextOut(
        context=packed.context,
        items=items,
        used_tokens=packed.used_tokens,
        token_budget=packed.budget,
        dropped=dropped,
        pack_hash=packed.pack_hash,
        tokenizer=packed.tokenizer,
        position=context.answer.position,
        as_of=context.answer.found.now,
        degraded=["vector"] if context.is_degraded else None,
    )


def _provenance(record_id: str, hit: Hit) -> Provenance:
    row = hit.row
    if hit.kind is RecordKind.MEMORY:
        return Provenance(
            id=record_id,
            memory_id=record_id,
            kind=hit.kind,
            root_id=row["root_id"].hex,
            version=row["version"],
            source=row["source"],
            source_message_ids=row["source_message_ids"],
            session_id=row["session_id"],
            occurred_at=row["observed_at"],
            created_at=row["created_at"],
            score=hit.scored.score,
        )
    return Provenance(
        id=record_id,
        kind=hit.kind,
        version=row["revision"],
        source=_MESSAGE_SOURCE,
        session_id=row["conversation_id"],
        role=row["role"],
        name=row["name"],
        occurred_at=row["occurred_at"],
        created_at=row["created_at"],
        score=hit.scored.score,
    )
