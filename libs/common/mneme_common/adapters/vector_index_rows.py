"""The table ``vector_indexes`` as every service reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from mneme_common.adapters.postgres import Database
from mneme_common.domain.failures import DependencyError
from mneme_common.domain.vector_indexes import IndexState, ModelChoice, VectorIndex


async def read_vector_indexes(database: Database) -> list[VectorIndex]:
    """Every index that there is or was, in one round trip; raises DependencyError."""
    try:
        rows = await database.call("read_vector_indexes", [])
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DependencyError(f"the vector indexes cannot be read: {error}") from error
    return [_index(row) for row in rows]


def _index(row: Mapping[str, Any]) -> VectorIndex:
    return VectorIndex(
        choice=ModelChoice(row["embedder"], row["embedding_model"], row["dimensions"]),
        state=IndexState(row["state"]),
        retired_at=row["retired_at"],
    )
