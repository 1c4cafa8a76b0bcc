"""What is unfinished is counted from where everything before is finished: the more is stored, the same it costs."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.fixtures.databases import MnemeDatabase

_MESSAGES = """
INSERT INTO messages (tenant_id, user_id, message_id, revision, conversation_id, role, content, metadata,
    importance_score, archived, occurred_at, created_at, updated_at, event_id, from_seq)
SELECT 'acme', 'user' || n %% 7, gen_random_uuid(), 1, 'c', 'user', 'text', '{}', 0.5, false, said, said, said,
    gen_random_uuid(), n
FROM generate_series(1, %s) AS n,
    LATERAL (SELECT now() - make_interval(secs => (%s - n) / 10.0) - %s::interval AS said) AS s
"""
_READ = """
INSERT INTO extractions (tenant_id, user_id, source_event_id, schema_version, run, message_id, revision, extractor,
    usage, proposals, event_id, seq, created_at)
SELECT tenant_id, user_id, event_id, 'default-1', 'live', message_id, 1, 'rules', '{}', 0, event_id, from_seq, now()
FROM messages
"""
_FOUND = """
INSERT INTO indexed (tenant_id, user_id, model, point_id, content_hash)
SELECT tenant_id, user_id, 'm', message_id, '' FROM messages
"""


@pytest.fixture
def stored(database: MnemeDatabase) -> MnemeDatabase:
    """Twenty thousand messages that are finished, the last of them an hour old."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(_MESSAGES, (20_000, 20_000, "1 hour"))
        connection.execute(_READ)
        connection.execute(_FOUND)
        connection.execute("VACUUM ANALYZE")
    return database


def _counted(database: MnemeDatabase) -> tuple[int, int]:
    """Messages to read and records to index."""
    with psycopg.connect(database.reader_url, row_factory=dict_row) as connection:
        (work,) = connection.execute("SELECT * FROM unfinished_work()")
    return work["extraction"], work["indexing"]


def _pages(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    """How many pages are looked at to tell."""
    ((plan,),) = connection.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM unfinished_work()")
    top: dict[str, int] = plan[0]["Plan"]
    return top["Shared Hit Blocks"] + top["Shared Read Blocks"]


def test_what_is_finished_is_not_looked_at_again(stored: MnemeDatabase) -> None:
    assert _counted(stored) == (0, 0)
    with psycopg.connect(stored.superuser_url, autocommit=True) as connection:
        _pages(connection)  # the catalogue's pages
        connection.execute("UPDATE finished_work SET up_to = '-infinity'")
        whole, rest = _pages(connection), _pages(connection)
    assert rest * 10 < whole
    assert _counted(stored) == (0, 0)


def test_what_comes_later_is_counted_until_it_is_finished(stored: MnemeDatabase) -> None:
    _counted(stored)
    with psycopg.connect(stored.superuser_url) as connection:
        connection.execute(_MESSAGES, (3, 3, "0 seconds"))
    assert _counted(stored) == (3, 3)
    with psycopg.connect(stored.superuser_url) as connection:
        connection.execute(f"{_READ} ON CONFLICT DO NOTHING")
    assert _counted(stored) == (0, 3)


def test_what_is_buried_is_counted_again_once_its_letter_is_resolved(stored: MnemeDatabase) -> None:
    with psycopg.connect(stored.superuser_url) as connection:
        connection.execute("DELETE FROM extractions WHERE seq = 10000")
        connection.execute(
            "INSERT INTO dead_letters (letter_id, tenant_id, user_id, event_id, stage, reason, detail, attempts, topic,"
            ' partition, "offset", incarnation, headers, buried_at)'
            " SELECT gen_random_uuid(), tenant_id, user_id, event_id, 'extractor', 'r', 'd', 1, 't', 0, 0, 'i', '[]',"
            " now() FROM messages WHERE from_seq = 10000"
        )
    assert _counted(stored) == (0, 0)
    with psycopg.connect(stored.superuser_url) as connection:
        connection.execute("UPDATE dead_letters SET resolved_at = now()")
    assert _counted(stored) == (1, 0)
