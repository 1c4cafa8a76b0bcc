from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from mneme_common.adapters.postgres import Connection
from mneme_gateway.auth.caller import Scope
from mneme_gateway.search.statements import (
    MEMORIES_WITH,
    MESSAGES_WITH,
    POSITION_AT,
    TIME_OF,
    WRITTEN_SINCE,
)
from tests.fixtures.databases import MnemeDatabase
from tests.integration.gateway_search.conftest import Store
from tests.integration.gateway_search.written import fill

_BIG, _SMALL = Scope("acme", "big"), Scope("acme", "user7")
_TABLES = ("messages", "memories", "ledger")
_CASES = ["one user has everything", "many users have a little each", "one user has most of it"]


_MEMORIES = """
INSERT INTO memories (tenant_id, user_id, memory_id, root_id, version, kind, memory_type, memory_class, schema_version,
    object_key, content, values, content_hash, tags, trust_tier, initial_confidence, importance, pinned, status, source,
    source_message_ids, spans, extra_metadata, op, tombstone, observed_at, created_at, event_id, from_seq)
SELECT tenant_id, user_id, message_id, message_id, 1, 'fact', 'semantic', 'note', '1', message_id::text, content, '{}',
    '', '{}', 'T1', 0.95, 0.5, false, 'active', 'api', '{}', '[]', '{}', 'create', false, now(), now(), event_id,
    from_seq
FROM messages WHERE tenant_id = 'acme'
"""
_LEDGER = """
INSERT INTO ledger (tenant_id, event_id, user_id, seq, event_type, type_version, source, status, request_hash, payload,
    decision, decider_version, outcome, applied_at)
SELECT tenant_id, event_id, user_id, from_seq, 'message.record', 1, 'test', 'applied', '', '', '{}', '1', '{}',
    now() + from_seq * interval '1 second'
FROM messages WHERE tenant_id = 'acme'
"""


async def _data(store: Store, database: MnemeDatabase, case: str) -> Scope:
    if case != _CASES[1]:
        await fill(store.writer, _BIG, 10_000)
    if case != _CASES[0]:
        for number in range(200):
            await fill(store.writer, Scope("acme", f"user{number}"), 60)
    async with store.writer.transaction(["acme"]) as connection:
        await connection.execute(_MEMORIES)
        await connection.execute(_LEDGER)
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE")
    return _SMALL if case == _CASES[1] else _BIG


async def _body(connection: Connection, function: str) -> str:
    """The query that a function returns, its arguments as parameters."""
    cursor = await connection.execute(
        "SELECT prosrc, proargnames[1:pronargs] AS names, proargtypes::regtype[]::text[] AS types FROM pg_proc"
        " WHERE proname = %s",
        (function,),
    )
    row = await cursor.fetchone()
    assert row is not None
    found = re.search(r"RETURN QUERY(.*?);", row["prosrc"], re.DOTALL)
    assert found is not None
    body = found[1]
    for name, kind in zip(row["names"], row["types"], strict=True):
        body = re.sub(rf"(?<![\w.%(]){name}\b(?! \()|(?<=\(){name}\b", f"%({name})s::{kind}", body)
    return body


async def _plan(connection: Connection, statement: str, values: dict[str, object], mode: str) -> list[dict[str, Any]]:
    """The nodes that touch records, as the reader's planner makes them with or without knowing the values."""
    names: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    text = re.sub(r"%\((\w+)\)s", numbered, statement)
    await connection.execute("SELECT set_config('plan_cache_mode', %s, true)", (mode,))
    await connection.execute(f"PREPARE wanted AS {text}")
    given = ", ".join(psycopg.sql.Literal(values[name]).as_string(connection) for name in names)
    cursor = await connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE wanted({given})")
    row = await cursor.fetchone()
    await connection.execute("DEALLOCATE wanted")
    assert row is not None
    return [node for node in _nodes(row["QUERY PLAN"][0]["Plan"]) if node.get("Relation Name") in _TABLES]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


@pytest.mark.parametrize("case", _CASES)
async def test_every_statement_of_search_enters_by_an_index_of_tenant_and_user_or_id(
    store: Store, database: MnemeDatabase, case: str
) -> None:
    scope = await _data(store, database, case)
    head = 10_000 if scope == _BIG else 60
    own: dict[str, object] = {"tenant": scope.tenant_id, "user": scope.user_id}
    by_position = {"messages_by_position", "messages_closed", "memories_by_position", "memories_closed"}
    async with store.reader.transaction([scope.tenant_id]) as connection:
        cursor = await connection.execute(
            "SELECT message_id, event_id FROM messages WHERE user_id = %(user)s LIMIT 10", own
        )
        rows = await cursor.fetchall()
        owner: dict[str, object] = {"tenant": scope.tenant_id, "owner": scope.user_id}
        keys = owner | {"ids": [row["message_id"] for row in rows], "revisions": [1] * len(rows)}
        events = {"tenants": [scope.tenant_id] * len(rows), "ids": [row["event_id"] for row in rows]}
        for mode, (statement, values, indexes) in product(
            ("force_custom_plan", "force_generic_plan"),
            (
                (WRITTEN_SINCE, own | {"after": head - 3, "at": None}, by_position),
                (WRITTEN_SINCE, own | {"after": 0, "at": None}, by_position),
                (await _body(connection, "found_messages"), keys, {"messages_pkey"}),
                (await _body(connection, "found_memories"), keys, {"memories_pkey"}),
                (await _body(connection, "read_outcomes"), events, {"ledger_pkey"}),
                (await _body(connection, "settled_events"), events, {"ledger_pkey"}),
                (POSITION_AT, own | {"moment": "2100-01-01T00:00:00Z"}, {"ledger_tenant_id_user_id_seq_key"}),
                (TIME_OF, own | {"position": 7}, {"ledger_tenant_id_user_id_seq_key"}),
            ),
        ):
            nodes = await _plan(connection, statement, values, mode)
            # Nothing was closed at or before position 0, whichever index says so.
            used = {node.get("Index Name") for node in nodes}
            assert used == indexes or (values.get("after") == 0 and used < indexes), nodes
            assert {node["Node Type"] for node in nodes} <= {"Index Scan", "Index Only Scan"}, nodes


async def test_filters_by_metadata_read_only_the_rows_of_their_user(store: Store, database: MnemeDatabase) -> None:
    scope = await _data(store, database, _CASES[1])
    values: dict[str, object] = {
        "tenant": scope.tenant_id,
        "user": scope.user_id,
        "position": 60,
        "tags": ["a"],
        "author_id": "carol",
        "subject_id": None,
        "pinned": True,
        "valid_at": None,
        "sought": ["tree"],
        "names": ["page"],
        "values": [Jsonb(1)],
    }
    async with store.reader.transaction([scope.tenant_id]) as connection:
        for statement in (MESSAGES_WITH, MEMORIES_WITH):
            nodes = await _plan(connection, statement, values, "force_custom_plan")
            assert all(node["Node Type"] != "Seq Scan" for node in nodes), nodes
