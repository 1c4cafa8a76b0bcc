"""Ledgers written before the references in outcomes became lean are made so, and replay as equal as before."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from mneme_common.adapters import migrations
from tests.fixtures.databases import MnemeDatabase

_RECORDED = {
    "type": "MessageRecorded", "message_id": "m", "revision": 1, "event_id": "e", "conversation_id": "c",
    "role": "user", "name": "Ann", "namespace": None, "occurred_at": "2026-01-01T00:00:00Z", "position": 1,
    "extract": True,
}  # fmt: skip
_CLOSED = {"type": "MessageChanged", "message_id": "m", "revision": 1, "change": "updated", "position": 2}
_ROW = """
INSERT INTO ledger (tenant_id, event_id, user_id, seq, event_type, type_version, source, status, request_hash,
    payload, decision, decider_version, outcome, applied_at)
VALUES ('acme', gen_random_uuid(), 'ann', %s, 'message.record', 1, 's', 'applied', 'h', '', '{}', '1', %s, now())
"""


def test_references_lose_what_they_need_not_repeat(empty_database: MnemeDatabase) -> None:
    """Order and everything else stays; an outcome without references is not touched."""
    url = empty_database.owner_url
    migrations.upgrade(url, "0006")
    with psycopg.connect(empty_database.superuser_url, autocommit=True, row_factory=dict_row) as connection:
        connection.execute(_ROW, (1, Jsonb({"status": 200, "changes": [_CLOSED, _RECORDED]})))
        connection.execute(_ROW, (2, Jsonb({"status": 404, "code": "NOT_FOUND"})))
        migrations.upgrade(url)
        rows = connection.execute("SELECT outcome FROM ledger ORDER BY seq").fetchall()
    lean = {name: _RECORDED[name] for name in ("type", "message_id", "revision", "event_id", "position", "extract")}
    assert [row["outcome"] for row in rows] == [
        {"status": 200, "changes": [_CLOSED, lean]},
        {"status": 404, "code": "NOT_FOUND"},
    ]
