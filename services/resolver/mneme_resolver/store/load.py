"""Loads what a batch needs: one statement a table, whatever the number of users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from mneme_common.adapters.postgres import Connection
from mneme_common.contracts.commands import ReviseMemory
from mneme_common.domain.records import Memory, Message
from mneme_resolver.decide.revising import revised_identity
from mneme_resolver.decide.state import UserState
from mneme_resolver.store.needs import Needs

States = Mapping[tuple[str, str], UserState]
_MESSAGE_COLUMNS = ", ".join(f"m.{column.name}" for column in fields(Message))
_MEMORY_COLUMNS = ", ".join(f'm."{column.name}"' for column in fields(Memory))

# LATERAL with OFFSET 0 keeps each look-up a look into its index, and the tenant is compared outside (store/ledger.py).
_MESSAGES = f"""
SELECT m.* FROM unnest(%s::text[], %s::text[], %s::uuid[]) AS w (tenant_id, user_id, message_id)
CROSS JOIN LATERAL (
    SELECT {_MESSAGE_COLUMNS} FROM messages m
    WHERE m.message_id = w.message_id AND m.to_seq IS NULL OFFSET 0
) AS m
WHERE m.tenant_id = w.tenant_id AND m.user_id = w.user_id
"""
_CONVERSATIONS = f"""
SELECT m.* FROM unnest(%s::text[], %s::text[], %s::text[]) AS w (tenant_id, user_id, conversation_id)
CROSS JOIN LATERAL (
    SELECT {_MESSAGE_COLUMNS} FROM messages m
    WHERE m.tenant_id = w.tenant_id AND m.user_id = w.user_id AND m.conversation_id = w.conversation_id
        AND m.to_seq IS NULL
    OFFSET 0
) AS m
"""
# Ended chains too: an event before it in the batch may have brought the memory back.
_CHAINS = f"""
SELECT w.memory_id AS asked, m.*
FROM unnest(%s::text[], %s::text[], %s::uuid[]) AS w (tenant_id, user_id, memory_id)
CROSS JOIN LATERAL (SELECT * FROM memories v WHERE v.memory_id = w.memory_id OFFSET 0) AS any_version
CROSS JOIN LATERAL (
    SELECT {_MEMORY_COLUMNS} FROM memories m
    WHERE m.root_id = any_version.root_id AND m.to_seq IS NULL OFFSET 0
) AS m
WHERE any_version.tenant_id = w.tenant_id AND any_version.user_id = w.user_id AND m.tenant_id = w.tenant_id
"""
_IDENTITIES = f"""
SELECT m.*
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS w (tenant_id, user_id, memory_class, object_key)
CROSS JOIN LATERAL (
    SELECT {_MEMORY_COLUMNS} FROM memories m
    WHERE m.tenant_id = w.tenant_id AND m.user_id = w.user_id AND m.memory_class = w.memory_class
        AND m.object_key = w.object_key AND m.to_seq IS NULL AND NOT m.tombstone
    OFFSET 0
) AS m
"""
_CLASSES = f"""
SELECT m.* FROM unnest(%s::text[], %s::text[], %s::text[]) AS w (tenant_id, user_id, memory_class)
CROSS JOIN LATERAL (
    SELECT {_MEMORY_COLUMNS} FROM memories m
    WHERE m.tenant_id = w.tenant_id AND m.user_id = w.user_id AND m.memory_class = w.memory_class
        AND m.to_seq IS NULL AND NOT m.tombstone
    OFFSET 0
) AS m
"""
_OUTDATED = f"""
SELECT m.* FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
    AS w (tenant_id, user_id, memory_class, schema_version)
CROSS JOIN LATERAL (
    SELECT {_MEMORY_COLUMNS} FROM memories m
    WHERE m.tenant_id = w.tenant_id AND m.user_id = w.user_id AND m.memory_class = w.memory_class
        AND m.schema_version <> w.schema_version AND m.to_seq IS NULL AND NOT m.tombstone
    OFFSET 0
) AS m
"""
_READINGS = """
SELECT w.tenant_id, w.user_id, w.source_event_id, w.schema_version, w.run
FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[])
    AS w (tenant_id, user_id, source_event_id, schema_version, run)
CROSS JOIN LATERAL (
    SELECT x.tenant_id FROM extractions x
    WHERE x.tenant_id = w.tenant_id AND x.source_event_id = w.source_event_id
        AND x.schema_version = w.schema_version AND x.run = w.run
    OFFSET 0
) AS x
"""


async def load_readings(connection: Connection, needs: Needs, states: States) -> None:
    """Adds to the states which of the revisions that the batch speaks of have been read before."""
    if needs.readings:
        for row in await _rows(connection, _READINGS, needs.readings):
            state = states[row["tenant_id"], row["user_id"]]
            state.read.add((row["source_event_id"], row["schema_version"], row["run"]))


_LAST_VERSIONS = f"""
SELECT w.memory_id AS asked, m.*
FROM unnest(%s::text[], %s::text[], %s::uuid[]) AS w (tenant_id, user_id, memory_id)
CROSS JOIN LATERAL (SELECT * FROM memories v WHERE v.memory_id = w.memory_id OFFSET 0) AS any_version
CROSS JOIN LATERAL (
    SELECT {_MEMORY_COLUMNS} FROM memories m WHERE m.root_id = any_version.root_id ORDER BY m.version DESC LIMIT 2
) AS m
WHERE any_version.tenant_id = w.tenant_id AND any_version.user_id = w.user_id AND m.tenant_id = w.tenant_id
"""
# From the version before the event's first one on. The event's position leads to what it wrote.
_VERSIONS_SINCE = f"""
SELECT m.*
FROM unnest(%s::text[], %s::text[], %s::uuid[]) AS w (tenant_id, user_id, event_id)
CROSS JOIN LATERAL (SELECT * FROM ledger l WHERE l.event_id = w.event_id OFFSET 0) AS l
CROSS JOIN LATERAL (
    SELECT v.root_id, min(v.version) AS first FROM memories v
    WHERE v.tenant_id = w.tenant_id AND v.user_id = w.user_id AND v.from_seq = l.seq GROUP BY v.root_id
) AS written
CROSS JOIN LATERAL (
    SELECT {_MEMORY_COLUMNS} FROM memories m
    WHERE m.root_id = written.root_id AND m.version >= written.first - 1 OFFSET 0
) AS m
WHERE l.tenant_id = w.tenant_id AND l.user_id = w.user_id AND m.tenant_id = w.tenant_id
"""


async def load(connection: Connection, needs: Needs, states: States) -> None:
    """Adds to the states what the batch needs of them."""
    for said, named in ((_MESSAGES, needs.messages), (_CONVERSATIONS, needs.conversations)):
        for row in await _rows(connection, said, named) if named else []:
            states[row["tenant_id"], row["user_id"]].add_message(Message(**row))
    if needs.chains:
        for row in await _rows(connection, _CHAINS, needs.chains):
            asked = row.pop("asked")
            state = states[row["tenant_id"], row["user_id"]]
            state.add_memory(Memory(**row))
            state.roots[asked] = row["root_id"]
    _add_revised(needs, states)
    await _load_undone(connection, needs, states)
    await _load_memories(connection, needs, states)


async def _load_memories(connection: Connection, needs: Needs, states: States) -> None:
    """Those with the identities, and those of the classes that no earlier batch has left here."""
    missing = {place for place in needs.classes if place[2] not in states[place[:2]].whole}
    for statement, wanted in ((_IDENTITIES, needs.identities), (_CLASSES, missing), (_OUTDATED, needs.outdated)):
        if wanted:
            for row in await _rows(connection, statement, wanted):
                states[row["tenant_id"], row["user_id"]].add_memory(Memory(**row))
    for tenant_id, user_id, memory_class in missing:
        states[tenant_id, user_id].whole.add(memory_class)


def _add_revised(needs: Needs, states: States) -> None:
    """The identities that revised memories will have: another memory may have one of them already."""
    for event in needs.revisions:
        state = states[event.subject]
        known = (
            state.live(event.data.memory_id) if isinstance(event.data, ReviseMemory) and event.data.memory_id else None
        )
        if known is None or not isinstance(event.data, ReviseMemory):
            continue
        state.use(event.schema)
        memory_class = state.class_of(known.memory_class)
        needs.identities.add((*event.subject, known.memory_class, revised_identity(event.data, known, memory_class)))
        if memory_class is not None and memory_class.definition is not None:
            needs.outdated.add((*event.subject, known.memory_class, memory_class.schema_version))


async def _load_undone(connection: Connection, needs: Needs, states: States) -> None:
    """The ends of the chains to go back on; who has the identities now that they had is looked up with the others."""
    for statement, wanted in ((_LAST_VERSIONS, needs.undone_memories), (_VERSIONS_SINCE, needs.undone_events)):
        for row in await _rows(connection, statement, wanted) if wanted else []:
            asked = row.pop("asked", None)
            version = Memory(**row)
            state = states[version.tenant_id, version.user_id]
            if version.to_seq is None:
                state.add_memory(version)
            else:
                state.add_version(version)
            if asked is not None:
                state.roots[asked] = version.root_id
            needs.identities.add((version.tenant_id, version.user_id, version.memory_class, version.object_key))


async def _rows(connection: Connection, statement: str, wanted: Iterable[tuple[object, ...]]) -> list[dict[str, Any]]:
    columns = [list(column) for column in zip(*sorted(wanted, key=repr), strict=True)]
    cursor = await connection.execute(statement, columns)
    return await cursor.fetchall()
