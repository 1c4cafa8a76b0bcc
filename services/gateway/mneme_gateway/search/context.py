"""Contexts: a search, the vectors of what it found, which its index has, and the pure packing of ``decide``."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mneme_common.domain.identifiers import uuid_or_none
from mneme_common.domain.vectors import RecordKind, Vector
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.context_packing import Candidate, Pack, pack
from mneme_gateway.decide.near_duplicates import Statement
from mneme_gateway.search.metrics import ContextMetrics
from mneme_gateway.search.query import Query
from mneme_gateway.search.service import Answer, Hit, Search


@dataclass(frozen=True, slots=True)
class Context:
    """A pack, and the answer that it was made of; ``hits`` by the record ids of the pack."""

    answer: Answer
    packed: Pack
    hits: dict[str, Hit]
    is_degraded: bool


class ContextPacker:
    """Finds and packs. Without the vectors it compares by words alone, and says so."""

    def __init__(self, search: Search, metrics: ContextMetrics) -> None:
        self._search = search
        self._metrics = metrics

    async def context(self, scope: Scope, query: Query, budget: int) -> Context:
        """What answers the query within ``budget`` tokens; raises ApiError 422 for a position that is yet to come."""
        started = time.perf_counter()
        answer = await self._search.candidates(scope, query)
        hits = {_record_id(hit): hit for hit in answer.hits}
        packed = pack([_candidate(name, hit, _vector(answer, hit)) for name, hit in hits.items()], budget)
        self._search.retrieved(scope, query, (hits[item.candidate.record_id] for item in packed.items))
        self._count(packed, time.perf_counter() - started)
        return Context(answer, packed, hits, bool(answer.found.degraded))

    def _count(self, packed: Pack, elapsed: float) -> None:
        self._metrics.tokens.observe(packed.used_tokens)
        self._metrics.latency.observe(elapsed)
        for _, reason in packed.dropped:
            self._metrics.dropped.labels(reason.value).inc()


def _record_id(hit: Hit) -> str:
    return str(hit.row["memory_id"].hex if hit.kind is RecordKind.MEMORY else hit.row["message_id"])


def _vector(answer: Answer, hit: Hit) -> Vector | None:
    """The vector that the hit was compared by; None when none is known."""
    embeddings, place = answer.found.view.embeddings, hit.scored.place
    return embeddings.rows[place] if embeddings.known[place] else None


def _candidate(record_id: str, hit: Hit, vector: Vector | None) -> Candidate:
    row = hit.row
    is_memory = hit.kind is RecordKind.MEMORY
    speaker = None if is_memory else str(row["name"] or row["role"])
    root = row["root_id"].hex if is_memory else record_id
    said_at = row["observed_at"] if is_memory else row["occurred_at"]
    told_by = f" {speaker}:" if speaker else ""
    return Candidate(
        record_id=record_id,
        text=f"{said_at.date().isoformat()}{told_by} {row['content']}",
        score=hit.scored.score,
        created_at=row["created_at"],
        pinned=bool(is_memory and row["pinned"]),
        statement=Statement(
            root,
            row["content"],
            speaker,
            vector,
            record_id,
            frozenset(row.get("source_memory_ids") or ()),
            frozenset(str(found) for name in row.get("source_message_ids") or () if (found := uuid_or_none(name))),
        ),
    )
