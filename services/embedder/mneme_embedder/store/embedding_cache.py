"""Vectors of texts that were embedded before, by tenant, hash of the text, and model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_binary import Reals, slice_of, speak_reals
from mneme_common.domain.vectors import Vector, normalised
from mneme_embedder.ports import TextKey

# One look by key for each text: as a join it is planned as a comparison of every text with every row of the tenant.
_FIND = """
SELECT w.tenant_id, w.content_hash, c.embedding
FROM unnest(%(tenants)b::text[], %(hashes)b::text[]) AS w(tenant_id, content_hash)
CROSS JOIN LATERAL (
    SELECT embedding::real[] FROM embedding_cache
    WHERE tenant_id = w.tenant_id AND model = %(model)s AND content_hash = w.content_hash LIMIT 1) AS c
"""

_KEEP = """
INSERT INTO embedding_cache (tenant_id, model, content_hash, embedding)
SELECT w.tenant_id, %(model)s, w.content_hash, {embedding}
FROM (SELECT %(embeddings)s AS reals) AS e,
     unnest(%(tenants)b::text[], %(hashes)b::text[]) WITH ORDINALITY AS w(tenant_id, content_hash, number)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class EmbeddingCacheRows:
    """The port EmbeddingCache on PostgreSQL, as the writer role. Vectors come back rounded to 16 bits."""

    database: Database

    async def find(self, keys: Sequence[TextKey], model: str) -> Mapping[TextKey, Vector]:
        """See EmbeddingCache; one statement."""
        tenants = [key[0] for key in keys]
        values = {"tenants": tenants, "hashes": [key[1] for key in keys], "model": model}
        async with self.database.transaction(tenants) as connection:
            cursor = speak_reals(connection.cursor(binary=True))
            await cursor.execute(_FIND, values)
            rows = await cursor.fetchall()
        if not rows:
            return {}
        vectors = normalised(np.stack([row["embedding"] for row in rows]))
        return {(row["tenant_id"], row["content_hash"]): vector for row, vector in zip(rows, vectors, strict=True)}

    async def keep(self, vectors: Mapping[TextKey, Vector], model: str) -> None:
        """See EmbeddingCache; one statement."""
        keys = sorted(vectors)
        rows = np.stack([vectors[key] for key in keys])
        values = {
            "model": model,
            "tenants": [key[0] for key in keys],
            "hashes": [key[1] for key in keys],
            "embeddings": Reals(rows),
        }
        statement = _KEEP.format(embedding=slice_of("e.reals", "w.number", rows.shape[1]))
        async with self.database.transaction([key[0] for key in keys]) as connection:
            await speak_reals(connection.cursor()).execute(statement, values)
