"""Why a record is not among the results: unknown, kept out by a filter, no candidate, or dropped, and for what."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np

from mneme_gateway.search.corpus import within
from mneme_gateway.search.engine import Found
from mneme_gateway.search.filtering import admitted, asked_of_memories
from mneme_gateway.search.query import Filters, Query

_LOW_HALF = 2**64 - 1
_DECIMALS = 4
_COLUMNS = ("session_id", "namespace", "types", "importance_min", "occurred_from", "occurred_to")


def missing_report(found: Found, query: Query, record_id: UUID) -> dict[str, object]:
    """``reason`` and what belongs to it; only of this user's own records, in the state that was searched."""
    place = _place(found, record_id)
    if place is None:
        return _report(record_id, "unknown")
    filters = _in_the_way(found, query, place)
    if filters:
        return _report(record_id, "filtered", filters=filters)
    ranks = {each.place: rank for rank, each in enumerate(found.ranked.results, start=1)}
    if place in ranks:
        return _report(record_id, "found", rank=ranks[place])
    for position, (scored, reason) in enumerate(found.ranked.dropped, start=len(ranks) + 1):
        if scored.place == place:
            parts = {name: round(value, _DECIMALS) for name, value in scored.components.items()}
            return _report(record_id, reason, rank=position, score=scored.score, components=parts)
    return _report(record_id, "no_candidate", ranks=_ranks(found, place))


def _report(record_id: UUID, reason: str, **parts: object) -> dict[str, object]:
    return {"id": str(record_id), "reason": reason, **parts}


def _place(found: Found, record_id: UUID) -> int | None:
    documents = found.view.documents
    high, low = np.uint64(record_id.int >> 64), np.uint64(record_id.int & _LOW_HALF)
    places = np.flatnonzero(found.view.live & (documents.record_low == low) & (documents.record_high == high))
    return int(places[0]) if len(places) else None


def _in_the_way(found: Found, query: Query, place: int) -> list[str]:
    """The filters that the record does not pass, each tried alone."""
    view, filters = found.view, query.filters
    if not within(view, filters.kinds)[place]:
        return ["kinds"]
    lenient = Filters(kinds=filters.kinds, include_archived=True)
    failed = [
        name
        for name in _COLUMNS
        if getattr(filters, name) not in (None, ())
        and not admitted(view, replace(lenient, **{name: getattr(filters, name)}), view.live, found.now)[place]
    ]
    if not admitted(view, lenient, view.live, found.now)[place]:
        failed.append("expired")
    elif view.documents.archived[place] and not filters.include_archived:
        failed.append("archived")
    if failed or found.allowed[place]:
        return failed
    of_memories = asked_of_memories(filters)
    asked = [
        *(["metadata"] if filters.metadata else []),
        *of_memories,
        *(["words"] if query.sought is not None else []),
    ]
    return [" or ".join(asked)]


def _ranks(found: Found, place: int) -> dict[str, int | None]:
    """Where the record stands on each list that brings candidates; None where it is on none."""
    evidence = found.evidence
    columns = {"words": evidence.keyword, "meaning": np.fmax(evidence.similarity, -2.0) + 2}
    columns |= {name: evidence.column(name) for name in found.profile.lists}
    return {
        name: int(np.count_nonzero(found.allowed & (column > column[place]))) + 1 if column[place] > 0 else None
        for name, column in columns.items()
    }
