"""Writes a batch: one statement a table, closes before inserts, all in the transaction that locked the heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from mneme_common.adapters.postgres import Connection, Together
from mneme_common.domain.records import Memory, Message
from mneme_resolver.decide.applied import AppliedEvent
from mneme_resolver.store.net import NetEffects, net

_MESSAGE_FIELDS = tuple(column.name for column in fields(Message))
_MEMORY_FIELDS = tuple(column.name for column in fields(Memory))

_CLOSE_MESSAGES = """
WITH closing AS MATERIALIZED (
    SELECT w.to_seq, m.ctid AS place
    FROM unnest(%s::text[], %s::uuid[], %s::integer[], %s::bigint[]) AS w (tenant_id, message_id, revision, to_seq)
    CROSS JOIN LATERAL (
        SELECT m.ctid, m.tenant_id FROM messages m
        WHERE m.message_id = w.message_id AND m.revision = w.revision OFFSET 0
    ) AS m
    WHERE m.tenant_id = w.tenant_id
)
UPDATE messages m SET to_seq = c.to_seq FROM closing c WHERE m.ctid = c.place
"""
_CLOSE_MEMORIES = """
WITH closing AS MATERIALIZED (
    SELECT w.to_seq, w.status, w.superseded_by, m.ctid AS place
    FROM unnest(%s::text[], %s::uuid[], %s::bigint[], %s::text[], %s::uuid[])
        AS w (tenant_id, memory_id, to_seq, status, superseded_by)
    CROSS JOIN LATERAL (
        SELECT m.ctid, m.tenant_id FROM memories m WHERE m.memory_id = w.memory_id OFFSET 0
    ) AS m
    WHERE m.tenant_id = w.tenant_id
)
UPDATE memories m SET to_seq = c.to_seq, status = c.status, superseded_by = c.superseded_by
FROM closing c WHERE m.ctid = c.place
"""


async def write_records(connection: Connection, writes: Together, applied: Sequence[AppliedEvent]) -> None:
    """Closes what ends, and adds messages, memories and extraction rows to the writes."""
    effects = net([(item.event.tenant_id, item.effects) for item in applied])
    await _close(connection, effects)
    writes.insert("messages", [_row(message, _MESSAGE_FIELDS) for message in effects.messages.values()])
    writes.insert("memories", [_row(memory, _MEMORY_FIELDS) for memory in effects.memories.values()])
    writes.insert("extractions", [row for item in applied for row in _extraction_rows(item)])


async def _close(connection: Connection, effects: NetEffects) -> None:
    if effects.closed_messages:
        closed = [
            (tenant_id, message.message_id, message.revision, message.to_seq)
            for tenant_id, message in effects.closed_messages
        ]
        await connection.execute(_CLOSE_MESSAGES, _columns(closed))
    if effects.closed_memories:
        ended = [
            (tenant_id, memory.memory_id, memory.to_seq, memory.status, memory.superseded_by)
            for tenant_id, memory in effects.closed_memories
        ]
        await connection.execute(_CLOSE_MEMORIES, _columns(ended))


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _row(record: Message | Memory, names: tuple[str, ...]) -> Mapping[str, object]:
    return {name: getattr(record, name) for name in names}


def _extraction_rows(item: AppliedEvent) -> list[Mapping[str, object]]:
    return [
        {
            "tenant_id": item.event.tenant_id,
            "user_id": item.event.user_id,
            "source_event_id": extraction.source_event_id,
            "schema_version": extraction.schema_version,
            "run": extraction.run,
            "message_id": extraction.message_id,
            "revision": extraction.revision,
            "extractor": extraction.extractor,
            "model": extraction.model,
            "prompt_hash": extraction.prompt_hash,
            "usage": extraction.usage,
            "proposals": extraction.proposals,
            "recalled": extraction.recalled,
            "event_id": item.event.event_id,
            "seq": item.seq,
            "created_at": item.time,
        }
        for extraction in item.effects.extractions
    ]
