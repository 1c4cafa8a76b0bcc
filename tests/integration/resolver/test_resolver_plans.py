"""What the resolver looks up costs the same however large a tenant is: its plans enter by keys, whoever owns them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from itertools import count

import psycopg
import pytest

from mneme_common.adapters.postgres import Database
from mneme_resolver.store import ledger, load
from tests.fixtures.databases import MnemeDatabase

ROWS = 3_000
STATEMENTS = {
    "known events": (ledger._KNOWN, {"ledger_pkey", "subject_keys_pkey"}),
    "messages by id": (load._MESSAGES, {"messages_pkey"}),
    "chains of memories": (load._CHAINS, {"memories_pkey", "memories_root_id_version_tenant_id_key"}),
    "memories by identity": (load._IDENTITIES, {"memories_by_identity"}),
    "memories of a class": (load._CLASSES, {"memories_by_identity"}),
    "journal rows to forget": (ledger._FORGET_JOURNAL.decode(), {"journal_of_event", "journal_pkey"}),
    "heads to advance": (ledger._ADVANCE_HEADS.decode(), {"heads_pkey"}),
}
_MESSAGES = """
INSERT INTO messages (tenant_id, user_id, message_id, revision, conversation_id, role, content, metadata,
    importance_score, archived, occurred_at, created_at, updated_at, event_id, from_seq)
SELECT 'acme', 'user' || n % {users}, gen_random_uuid(), 1, 'c', 'user', 'text', '{{}}', 0.5, false, now(), now(),
    now(), gen_random_uuid(), n FROM generate_series(1, {rows}) AS n
"""
_MEMORIES = """
INSERT INTO memories (tenant_id, user_id, memory_id, root_id, version, kind, memory_type, memory_class, schema_version,
    object_key, content, values, content_hash, tags, trust_tier, initial_confidence, importance, pinned, status, source,
    source_message_ids, spans, extra_metadata, op, tombstone, observed_at, created_at, event_id, from_seq)
SELECT tenant_id, user_id, message_id, message_id, 1, 'fact', 'semantic', 'class' || from_seq % 20, '1',
    message_id::text, content, '{}',
    '', '{}', 'T1', 0.95, 0.5, false, 'active', 'api', '{}', '[]', '{}', 'create', false, now(), now(), event_id,
    from_seq FROM messages
"""
_LEDGER = """
INSERT INTO ledger (tenant_id, event_id, user_id, seq, event_type, type_version, source, status, request_hash, payload,
    decision, decider_version, outcome, applied_at)
SELECT tenant_id, event_id, user_id, from_seq, 'message.record', 1, 'test', 'applied', '', '', '{}', '1', '{}', now()
FROM messages
"""
_HEADS = "INSERT INTO heads (tenant_id, user_id) SELECT DISTINCT tenant_id, user_id FROM messages"
_KEYS = "INSERT INTO subject_keys (tenant_id, user_id, created_at) SELECT tenant_id, user_id, now() FROM heads"
_JOURNAL = """
INSERT INTO journal (gateway, tenant_id, user_id, event_id, topic, key, value, headers)
SELECT gen_random_uuid(), tenant_id, user_id, event_id, 'c', '', '', '[]' FROM messages
"""


@pytest.fixture
async def writer(database: MnemeDatabase) -> AsyncIterator[Database]:
    """The resolver's way to the database."""
    pool = Database(database.writer_url, name="resolver", size=2, by_key=True)
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()


async def plan_of(pool: Database, statement: str) -> str:
    """The plan whatever the parameters, as text of JSON."""
    numbers = count(1)
    numbered = re.sub("%[sb]", lambda _: f"${next(numbers)}", statement)
    async with pool.transaction(["acme"]) as connection:
        cursor = await connection.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered}".encode())
        (row,) = await cursor.fetchall()
    return json.dumps(row)


def fill(database: MnemeDatabase, users: int) -> None:
    """A tenant with rows in every table that is looked into."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(_MESSAGES.format(users=users, rows=ROWS).encode())
        for statement in (_MEMORIES, _LEDGER, _HEADS, _KEYS, _JOURNAL):
            connection.execute(statement.encode())
        connection.execute("ANALYZE")


@pytest.mark.parametrize("users", [1, 300], ids=["one user has everything", "many small users"])
async def test_every_look_up_of_the_resolver_enters_by_a_key(
    writer: Database, database: MnemeDatabase, users: int
) -> None:
    fill(database, users)
    for name, (statement, indexes) in STATEMENTS.items():
        plan = await plan_of(writer, statement)
        assert "Seq Scan" not in plan, name
        for index in indexes:
            assert f'"{index}"' in plan, f"{name}: {plan}"
