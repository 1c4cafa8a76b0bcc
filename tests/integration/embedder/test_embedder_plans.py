"""What the embedder looks up by key costs the same however large a tenant is: the plans enter by primary keys.

In a young database too, of whose tables the planner knows nothing yet.
"""

from __future__ import annotations

import json
from uuid import UUID

import numpy as np

from mneme_common.adapters.postgres import Database
from mneme_embedder.decide.targets import memory_target, message_target
from mneme_embedder.store import embedding_cache, records
from mneme_embedder.store.embedding_cache import EmbeddingCacheRows
from tests.fixtures.databases import MnemeDatabase
from tests.integration.embedder.rows import memory, message, write, writer

ROWS = 2_000


async def plan_of(pool: Database, statement: str, values: dict[str, object]) -> str:
    """The plan of a statement, as text of JSON, in a transaction of the tenant."""
    async with pool.transaction(["acme"]) as connection:
        cursor = await connection.execute("EXPLAIN (FORMAT JSON) " + statement, values)
        (row,) = await cursor.fetchall()
    return json.dumps(row)


async def test_the_states_of_a_batch_are_read_through_primary_keys(database: MnemeDatabase) -> None:
    async with writer(database) as pool:
        await write(pool, *(message(UUID(int=n), "text", from_seq=n) for n in range(1, ROWS)))
        await write(pool, *(memory(UUID(int=n), "text", from_seq=n) for n in range(1, ROWS)))
        targets = [
            message_target("acme", "ada", UUID(int=1), 1, text="text", position=1),
            memory_target("acme", "ada", UUID(int=2), text="text", position=2),
        ]
        plan = await plan_of(pool, records._STATES, records._columns(targets) | {"model": "m"})
    assert '"messages_pkey"' in plan
    assert '"memories_pkey"' in plan
    assert '"indexed_pkey"' in plan
    assert "Seq Scan" not in plan


async def test_cached_vectors_are_read_through_the_primary_key(database: MnemeDatabase) -> None:
    async with writer(database) as pool:
        vector = np.ones(8, dtype=np.float32)
        await EmbeddingCacheRows(pool).keep({("acme", str(n)): vector for n in range(ROWS)}, "m")
        plan = await plan_of(
            pool, embedding_cache._FIND, {"tenants": ["acme"] * 3, "hashes": ["1", "2", "3"], "model": "m"}
        )
    assert plan.count('"embedding_cache_pkey"') == 1
    assert "content_hash = w.content_hash" in plan
    assert "Seq Scan" not in plan
