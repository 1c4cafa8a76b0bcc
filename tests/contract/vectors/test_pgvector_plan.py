"""The search within a user reads that user's rows through the primary key, and no others."""

from __future__ import annotations

import json

import numpy as np
import psycopg

from mneme_common.adapters import vectors_pgvector
from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_pgvector import PgvectorStore
from mneme_common.domain.vectors import Scope
from tests.contract.vectors.points import DIMENSION, MODEL, point
from tests.fixtures.databases import MnemeDatabase


async def test_a_search_reads_only_the_rows_of_its_user(database: MnemeDatabase) -> None:
    pool = Database(database.writer_url, name="test", size=2)
    await pool.open()
    store = PgvectorStore(pool)
    await store.register(MODEL, DIMENSION)
    generator = np.random.default_rng(1)
    embeddings = generator.standard_normal((5_000, DIMENSION), dtype=np.float32)
    await store.upsert(
        [point(number, row, scope=Scope("acme", f"u{number % 50}")) for number, row in enumerate(embeddings)]
    )
    await pool.close()
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("ANALYZE vectors")
    plan = _plan_as_reader(database)
    assert plan.count('"vectors_pkey"') == 1
    assert "Seq Scan" not in plan
    for condition in ("tenant_id = 'acme'", "user_id = 'u7'", "model = 'test-model'"):
        assert condition in plan


def _plan_as_reader(database: MnemeDatabase) -> str:
    """The plan as text of JSON, as the role that the gateway searches with."""
    statement = vectors_pgvector._NEAREST.format(conditions=vectors_pgvector._OPEN)
    values = {"tenant": "acme", "user": "u7", "model": MODEL, "vector": "[1,0,0,0]", "limit": 10}
    with psycopg.connect(database.reader_url) as connection:
        connection.execute("SELECT set_config('mneme.tenants', 'acme', true)")
        cursor = psycopg.ClientCursor(connection)
        (plan,) = cursor.execute("EXPLAIN (FORMAT JSON) " + statement, values).fetchone() or (None,)
    return json.dumps(plan)
