"""Rows of messages and memories, as the resolver would have written them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

from mneme_common.adapters.postgres import Database, insert_rows
from mneme_common.domain.records import Memory, Message
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.records import a_memory

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@asynccontextmanager
async def writer(database: MnemeDatabase) -> AsyncIterator[Database]:
    """A pool as the role of the workers."""
    pool = Database(database.writer_url, name="test", size=6, by_key=True)
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()


def message(
    message_id: UUID,
    content: str,
    *,
    revision: int = 1,
    from_seq: int = 1,
    to_seq: int | None = None,
    name: str | None = None,
    archived: bool = False,
    tenant_id: str = "acme",
    user_id: str = "ada",
) -> Message:
    """A revision of a message."""
    return Message(
        tenant_id=tenant_id,
        user_id=user_id,
        message_id=message_id,
        revision=revision,
        conversation_id="c",
        role="user",
        name=name,
        content=content,
        metadata={},
        importance_score=0.5,
        importance_override=None,
        namespace=None,
        archived=archived,
        occurred_at=NOW,
        created_at=NOW,
        updated_at=NOW,
        event_id=message_id,
        from_seq=from_seq,
        to_seq=to_seq,
    )


def memory(
    memory_id: UUID,
    content: str,
    *,
    from_seq: int = 1,
    to_seq: int | None = None,
    tombstone: bool = False,
    tenant_id: str = "acme",
    user_id: str = "ada",
) -> Memory:
    """A version of a memory, in a chain of its own."""
    return a_memory(
        memory_id,
        tenant_id=tenant_id,
        user_id=user_id,
        content=content,
        tombstone=tombstone,
        from_seq=from_seq,
        to_seq=to_seq,
    )


async def write(pool: Database, *records: Message | Memory) -> None:
    """Writes rows, and the heads of their users."""
    tenants = sorted({record.tenant_id for record in records})
    async with pool.transaction(tenants) as connection:
        owners = {(record.tenant_id, record.user_id) for record in records}
        for tenant_id, user_id in sorted(owners):
            await connection.execute(
                "INSERT INTO heads (tenant_id, user_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (tenant_id, user_id)
            )
        for table, kind in (("messages", Message), ("memories", Memory)):
            await insert_rows(connection, table, [asdict(record) for record in records if isinstance(record, kind)])


async def end(pool: Database, record: Message | Memory, to_seq: int) -> None:
    """Ends a version."""
    async with pool.transaction([record.tenant_id]) as connection:
        if isinstance(record, Message):
            await connection.execute(
                "UPDATE messages SET to_seq = %s WHERE message_id = %s AND revision = %s",
                (to_seq, record.message_id, record.revision),
            )
        else:
            await connection.execute("UPDATE memories SET to_seq = %s WHERE memory_id = %s", (to_seq, record.memory_id))


async def delete_words(pool: Database, message_id: UUID) -> None:
    """Takes the words out of all revisions of a message, as retention does."""
    async with pool.transaction(["acme"]) as connection:
        await connection.execute(
            "UPDATE messages SET content = redacted_content(event_id) WHERE message_id = %s", (message_id,)
        )


async def erase(pool: Database, record: Message | Memory) -> None:
    """Deletes a row, as erasure does."""
    async with pool.transaction([record.tenant_id]) as connection:
        if isinstance(record, Message):
            await connection.execute("DELETE FROM messages WHERE message_id = %s", (record.message_id,))
        else:
            await connection.execute("DELETE FROM memories WHERE memory_id = %s", (record.memory_id,))


async def indexed(pool: Database, tenant_id: str = "acme") -> dict[UUID, int | None]:
    """What is marked as indexed: point → its end."""
    async with pool.transaction([tenant_id]) as connection:
        cursor = await connection.execute("SELECT point_id, to_seq FROM indexed")
        return {row["point_id"]: row["to_seq"] for row in await cursor.fetchall()}
