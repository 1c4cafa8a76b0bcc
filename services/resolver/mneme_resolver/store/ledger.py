"""Heads and ledger: the order of a user's events, and what has been applied already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mneme_common.adapters.postgres import Connection, Together
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.state import UserState
from mneme_resolver.ports import Subject, Wrapped
from mneme_resolver.store.subject_keys import wrapped_of

_LOCK_HEADS = """
INSERT INTO heads AS h (tenant_id, user_id)
SELECT tenant_id, user_id FROM unnest(%s::text[], %s::text[]) AS w (tenant_id, user_id) ORDER BY 1, 2
ON CONFLICT (tenant_id, user_id) DO UPDATE SET head_seq = h.head_seq
RETURNING tenant_id, user_id, head_seq, head_time, emitted_seq, erased_seq, erased_at
"""
# Look-ups by key, one for each id. The tenant is compared outside, and inside by row-level security: said inside too,
# it looks so selective to a planner without statistics that it reads a young ledger by tenant, again for each id.
_KNOWN = """
SELECT w.tenant_id, w.event_id, l.user_id, l.seq, l.request_hash, l.status, NULL::bytea AS wrapped_key,
    NULL AS wrapped_by
FROM unnest(%b::text[], %b::uuid[]) AS w (tenant_id, event_id)
CROSS JOIN LATERAL (SELECT * FROM ledger l WHERE l.event_id = w.event_id OFFSET 0) AS l
WHERE l.tenant_id = w.tenant_id
UNION ALL
SELECT k.tenant_id, NULL, k.user_id, NULL, NULL, NULL, k.wrapped_key, k.wrapped_by
FROM unnest(%s::text[], %s::text[]) AS w (tenant_id, user_id)
JOIN subject_keys k ON k.tenant_id = w.tenant_id AND k.user_id = w.user_id
"""
_ADVANCE_HEADS = b"""
UPDATE heads h SET head_seq = w.head_seq, head_time = w.head_time
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[]) AS w (tenant_id, user_id, head_seq, head_time)
WHERE h.tenant_id = w.tenant_id AND h.user_id = w.user_id
"""
_FORGET_JOURNAL = b"""
DELETE FROM journal WHERE position = ANY (ARRAY(
    SELECT j.position FROM unnest(%b::text[], %b::uuid[]) AS w (tenant_id, event_id)
    CROSS JOIN LATERAL (SELECT * FROM journal j WHERE j.event_id = w.event_id OFFSET 0) AS j
    WHERE j.tenant_id = w.tenant_id
))
"""


async def lock_heads(connection: Connection, subjects: Iterable[Subject]) -> dict[Subject, UserState]:
    """Locks the head rows of all users of the batch, sorted, in one statement (guarantee 3); fresh states of them."""
    ordered = sorted(set(subjects))
    cursor = await connection.execute(
        _LOCK_HEADS, ([tenant_id for tenant_id, _ in ordered], [user_id for _, user_id in ordered])
    )
    return {(row["tenant_id"], row["user_id"]): UserState(**row) for row in await cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Known:
    """``events``: the ledger rows of those events that have one; ``keys``: the wrapped keys that are there."""

    events: dict[tuple[str, UUID], Mapping[str, Any]]
    keys: dict[Subject, Wrapped | None]


async def known(connection: Connection, events: Sequence[ResolverEvent]) -> Known:
    """What is there of the events and of their subjects; asked once their heads are locked."""
    subjects = sorted({event.subject for event in events})
    subject_columns = [tenant_id for tenant_id, _ in subjects], [user_id for _, user_id in subjects]
    cursor = await connection.execute(_KNOWN, (*_ids(events), *subject_columns))
    found = Known({}, {})
    for row in await cursor.fetchall():
        if row["event_id"] is None:
            found.keys[row["tenant_id"], row["user_id"]] = wrapped_of(row)
        else:
            found.events[row["tenant_id"], row["event_id"]] = row
    return found


async def remove_buried(connection: Connection, events: Sequence[tuple[str, UUID]]) -> None:
    """A buried event that comes again is applied anew: its row makes place, its letters are resolved."""
    columns = [tenant_id for tenant_id, _ in events], [event_id for _, event_id in events]
    await connection.execute(
        "DELETE FROM ledger l USING unnest(%s::text[], %s::uuid[]) AS w (tenant_id, event_id)"
        " WHERE l.tenant_id = w.tenant_id AND l.event_id = w.event_id AND l.status = 'buried'",
        columns,
    )
    await resolve_letters(connection, events)


async def resolve_letters(connection: Connection, events: Sequence[tuple[str, UUID]]) -> None:
    """The dead letters of these events need nobody's attention any more."""
    await connection.execute(
        "UPDATE dead_letters d SET resolved_at = now()"
        " FROM unnest(%s::text[], %s::uuid[]) AS w (tenant_id, event_id)"
        " WHERE d.tenant_id = w.tenant_id AND d.event_id = w.event_id AND d.resolved_at IS NULL",
        ([tenant_id for tenant_id, _ in events], [event_id for _, event_id in events]),
    )


def advance_heads(writes: Together, moved: Sequence[UserState]) -> None:
    """Writes how far each user's ledger has come."""
    times: list[datetime | None] = [state.head_time for state in moved]
    columns = (
        [state.tenant_id for state in moved],
        [state.user_id for state in moved],
        [state.head_seq for state in moved],
        times,
    )
    if moved:
        writes.add(_ADVANCE_HEADS, columns)


def forget_journal(writes: Together, events: Sequence[tuple[str, UUID]]) -> None:
    """Journal rows go when their event, named by tenant and id, has a ledger row."""
    writes.add(_FORGET_JOURNAL, ([tenant_id for tenant_id, _ in events], [event_id for _, event_id in events]))


def _ids(events: Sequence[ResolverEvent]) -> tuple[list[str], list[UUID]]:
    return [event.tenant_id for event in events], [event.event_id for event in events]
