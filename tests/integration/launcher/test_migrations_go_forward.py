"""Migrations: a database of the version before keeps what it holds."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from mneme_common.adapters import migrations
from tests.fixtures.databases import Cluster, MnemeDatabase

_MEMORY = """
INSERT INTO memories (tenant_id, user_id, memory_id, root_id, version, kind, memory_type, memory_class, schema_version,
    object_key, content, values, content_hash, tags, trust_tier, initial_confidence, importance, pinned, status, source,
    source_message_ids, spans, extra_metadata, op, tombstone, observed_at, created_at, event_id, from_seq)
SELECT 'acme', 'ada', id, id, 1, 'fact', 'semantic', 'note', 'default-1', 'k', 'Ada skis.', '{}', '', '{}', 'T1',
    0.95, 0.5, false, 'active', 'api', '{}', '[]', '{}', 'create', false, now(), now(), id, 1
FROM (SELECT '01900000-0000-7000-8000-000000000001'::uuid AS id) AS made
"""


@pytest.fixture
def before(cluster: Cluster) -> Iterator[MnemeDatabase]:
    """A database with the first schema and one memory."""
    with cluster.empty() as made:
        migrations.upgrade(made.owner_url, "0003")
        with psycopg.connect(made.superuser_url) as connection:
            connection.execute(_MEMORY)
        yield made


def test_a_memory_written_before_valid_time_has_none(before: MnemeDatabase) -> None:
    migrations.upgrade(before.owner_url, "0004")
    with psycopg.connect(before.reader_url) as connection:
        connection.execute("SELECT set_config('mneme.tenants', 'acme', false)")
        rows = connection.execute("SELECT content, valid_from, valid_to FROM memories").fetchall()
    assert rows == [("Ada skis.", None, None)]


def test_what_was_known_before_feedback_has_none_and_ranks_as_by_default(before: MnemeDatabase) -> None:
    migrations.upgrade(before.owner_url, "0019")
    with psycopg.connect(before.reader_url) as connection:
        connection.execute("SELECT set_config('mneme.tenants', 'acme', false)")
        for table, rows in (("memories", 1), ("feedback", 0), ("retrieval_params", 0)):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchall() == [(rows,)]


def test_a_privacy_policy_of_before_knows_no_classes(before: MnemeDatabase) -> None:
    migrations.upgrade(before.owner_url, "0011")
    with psycopg.connect(before.superuser_url) as connection:
        connection.execute("INSERT INTO privacy_policies (tenant_id, redacted_values) VALUES ('acme', '{diagnosis}')")
    migrations.upgrade(before.owner_url, "0012")
    with psycopg.connect(before.reader_url) as connection:
        connection.execute("SELECT set_config('mneme.tenants', 'acme', false)")
        policies = connection.execute("SELECT redacted_values, class_values, class_identities FROM privacy_policies")
        assert policies.fetchall() == [(["diagnosis"], [], [])]
        assert connection.execute("SELECT count(*) FROM memories").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("models", "serving"),
    [
        (["openai/text-embedding-3-large@256"], [("openai", "text-embedding-3-large", 256)]),
        (["wordllama-l2-supercat-256"], [("wordllama", "wordllama-l2-supercat-256", None)]),
        (["wordllama-l2-supercat-256", "openai/small"], []),
    ],
)
def test_the_model_whose_vectors_there_are_serves_after_the_migration(
    cluster: Cluster, models: list[str], serving: list[tuple[str, str, int | None]]
) -> None:
    with cluster.empty() as made:
        migrations.upgrade(made.owner_url, "0013")
        with psycopg.connect(made.superuser_url) as connection:
            for model in models:
                connection.execute(
                    "INSERT INTO indexed (tenant_id, user_id, model, point_id, content_hash)"
                    " VALUES ('acme', 'ada', %s, gen_random_uuid(), '')",
                    (model,),
                )
        migrations.upgrade(made.owner_url, "0014")
        with psycopg.connect(made.reader_url) as connection:
            rows = connection.execute("SELECT embedder, embedding_model, dimensions, model FROM vector_indexes")
            found = [row[:3] for row in rows.fetchall() if row[3] == models[0]]
    assert found == serving


def test_work_of_before_is_counted_by_the_function_that_remembers(before: MnemeDatabase) -> None:
    migrations.upgrade(before.owner_url, "0014")
    with psycopg.connect(before.reader_url) as connection:
        counted = connection.execute("SELECT journal, extraction, indexing FROM unfinished_work()").fetchall()
    migrations.upgrade(before.owner_url, "0015")
    with psycopg.connect(before.reader_url) as connection:
        again = connection.execute("SELECT journal, extraction, indexing FROM unfinished_work()").fetchall()
    assert counted == again == [(0, 0, 1)]
