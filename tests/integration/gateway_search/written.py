"""Writes records as the resolver does: head first, then the ledger row, closes and new versions, all in one go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from mneme_common.adapters.postgres import Connection, Database, insert_rows
from mneme_common.domain.clock import transaction_time
from mneme_common.domain.identifiers import record_id
from mneme_common.domain.records import Memory, Message
from mneme_gateway.auth.caller import Scope

SCOPE = Scope("acme", "ada")

_HEAD = """
INSERT INTO heads AS h (tenant_id, user_id, head_seq, head_time) VALUES (%(tenant)s, %(user)s, 0, NULL)
ON CONFLICT (tenant_id, user_id) DO UPDATE SET head_seq = h.head_seq
RETURNING head_seq, head_time
"""


@dataclass(frozen=True, slots=True)
class Applied:
    """Place and time of one event in a user's ledger."""

    scope: Scope
    event_id: UUID
    seq: int
    time: datetime


class RecordWriter:
    """One event a call, unless several are put into one transaction with ``batch``."""

    def __init__(self, database: Database, now: datetime | None = None) -> None:
        self._database = database
        self._now = now or datetime.now(UTC)

    def tick(self, elapsed: timedelta) -> None:
        """Lets time pass."""
        self._now += elapsed

    async def record(self, content: str, scope: Scope = SCOPE, **fields: object) -> Message:
        """A new message."""
        async with self._event(scope) as (connection, applied):
            message = replace(
                Message(
                    tenant_id=scope.tenant_id,
                    user_id=scope.user_id,
                    message_id=record_id(applied.time, applied.event_id, 0),
                    revision=1,
                    conversation_id="default",
                    role="user",
                    name=None,
                    content=content,
                    metadata={},
                    importance_score=0.5,
                    importance_override=None,
                    namespace=None,
                    archived=False,
                    occurred_at=applied.time,
                    created_at=applied.time,
                    updated_at=applied.time,
                    event_id=applied.event_id,
                    from_seq=applied.seq,
                ),
                **fields,  # type: ignore[arg-type]  # the fields of a message
            )
            await insert_rows(connection, "messages", [asdict(message)])
        return message

    async def update(self, message: Message, **fields: object) -> Message:
        """A new revision, the old one closed."""
        async with self._event(Scope(message.tenant_id, message.user_id)) as (connection, applied):
            await _close_message(connection, message, applied.seq)
            revised = replace(
                message,
                revision=message.revision + 1,
                updated_at=applied.time,
                event_id=applied.event_id,
                from_seq=applied.seq,
                **fields,  # type: ignore[arg-type]  # the fields of a message
            )
            await insert_rows(connection, "messages", [asdict(revised)])
        return revised

    async def delete(self, message: Message) -> None:
        """No current revision is left."""
        async with self._event(Scope(message.tenant_id, message.user_id)) as (connection, applied):
            await _close_message(connection, message, applied.seq)

    async def remember(self, content: str, scope: Scope = SCOPE, **fields: object) -> Memory:
        """A new memory."""
        async with self._event(scope) as (connection, applied):
            memory = replace(_memory(content, applied), **fields)  # type: ignore[arg-type]  # the fields of a memory
            await insert_rows(connection, "memories", [asdict(memory)])
        return memory

    async def revise(self, memory: Memory, **fields: object) -> Memory:
        """A new version, the old one closed as superseded."""
        async with self._event(Scope(memory.tenant_id, memory.user_id)) as (connection, applied):
            values: dict[str, object] = {
                "memory_id": record_id(applied.time, applied.event_id, 0),
                "version": memory.version + 1,
                "created_at": applied.time,
                "event_id": applied.event_id,
                "from_seq": applied.seq,
            }
            revised = replace(memory, **(values | fields))  # type: ignore[arg-type]  # the fields of a memory
            await _close_memory(connection, memory, revised, "superseded")
            await insert_rows(connection, "memories", [asdict(revised)])
        return revised

    async def forget(self, memory: Memory) -> None:
        """A tombstone takes the memory's place."""
        async with self._event(Scope(memory.tenant_id, memory.user_id)) as (connection, applied):
            tombstone = replace(
                memory,
                memory_id=record_id(applied.time, applied.event_id, 0),
                version=memory.version + 1,
                content="",
                values={},
                tombstone=True,
                status="forgotten",
                created_at=applied.time,
                event_id=applied.event_id,
                from_seq=applied.seq,
            )
            await _close_memory(connection, memory, tombstone, "forgotten")
            await insert_rows(connection, "memories", [asdict(tombstone)])

    @asynccontextmanager
    async def _event(self, scope: Scope) -> AsyncIterator[tuple[Connection, Applied]]:
        owner = {"tenant": scope.tenant_id, "user": scope.user_id}
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(_HEAD, owner)
            head = await cursor.fetchone()
            assert head is not None
            applied = Applied(scope, uuid4(), head["head_seq"] + 1, transaction_time(self._now, head["head_time"]))
            yield connection, applied
            await insert_rows(connection, "ledger", [_ledger_row(applied)])
            await connection.execute(
                "UPDATE heads SET head_seq = %(seq)s, head_time = %(time)s"
                " WHERE tenant_id = %(tenant)s AND user_id = %(user)s",
                owner | {"seq": applied.seq, "time": applied.time},
            )


async def _close_message(connection: Connection, message: Message, seq: int) -> None:
    cursor = await connection.execute(
        "UPDATE messages SET to_seq = %s WHERE tenant_id = %s AND message_id = %s AND revision = %s AND to_seq IS NULL",
        (seq, message.tenant_id, message.message_id, message.revision),
    )
    assert cursor.rowcount == 1


async def _close_memory(connection: Connection, memory: Memory, successor: Memory, status: str) -> None:
    cursor = await connection.execute(
        "UPDATE memories SET to_seq = %s, status = %s, superseded_by = %s"
        " WHERE tenant_id = %s AND memory_id = %s AND to_seq IS NULL",
        (successor.from_seq, status, successor.memory_id, memory.tenant_id, memory.memory_id),
    )
    assert cursor.rowcount == 1


def _memory(content: str, applied: Applied) -> Memory:
    memory_id = record_id(applied.time, applied.event_id, 0)
    return Memory(
        tenant_id=applied.scope.tenant_id,
        user_id=applied.scope.user_id,
        memory_id=memory_id,
        root_id=memory_id,
        version=1,
        kind="fact",
        memory_type="semantic",
        memory_class="note",
        schema_version="1",
        object_key=memory_id.hex,
        key=None,
        content=content,
        values={"text": content},
        content_hash="",
        tags=[],
        namespace=None,
        session_id=None,
        author_id=None,
        subject_id=None,
        trust_tier="T1",
        initial_confidence=0.95,
        importance=0.5,
        pinned=False,
        expires_at=None,
        status="active",
        superseded_by=None,
        source="api",
        op="create",
        reason=None,
        tombstone=False,
        observed_at=applied.time,
        created_at=applied.time,
        event_id=applied.event_id,
        from_seq=applied.seq,
    )


def _ledger_row(applied: Applied) -> dict[str, object]:
    return {
        "tenant_id": applied.scope.tenant_id,
        "event_id": applied.event_id,
        "user_id": applied.scope.user_id,
        "seq": applied.seq,
        "event_type": "message.record",
        "type_version": 1,
        "source": "test",
        "status": "applied",
        "request_hash": "",
        "payload": b"",
        "decision": {},
        "decider_version": "1",
        "outcome": {},
        "applied_at": applied.time,
    }


async def fill(database: Database, scope: Scope, count: int) -> None:
    """Many messages at once, as an import leaves them."""
    values = {"tenant": scope.tenant_id, "user": scope.user_id, "count": count}
    async with database.transaction([scope.tenant_id]) as connection:
        await connection.execute(
            "INSERT INTO heads (tenant_id, user_id, head_seq, head_time) VALUES (%(tenant)s, %(user)s, 0, now())"
            " ON CONFLICT DO NOTHING",
            values,
        )
        await connection.execute(
            "INSERT INTO messages SELECT h.tenant_id, h.user_id, gen_random_uuid(), 1, 's' || n / 40, 'user', 'Ada',"
            " 'message ' || n || ' about trees and ' || n %% 97, '{}', 0.5, NULL, NULL, false, now(), now(), now(),"
            " gen_random_uuid(), h.head_seq + n, NULL FROM heads AS h, generate_series(1, %(count)s) AS n"
            " WHERE h.tenant_id = %(tenant)s AND h.user_id = %(user)s",
            values,
        )
        await connection.execute(
            "UPDATE heads SET head_seq = head_seq + %(count)s WHERE tenant_id = %(tenant)s AND user_id = %(user)s",
            values,
        )
