"""The vector indexes in PostgreSQL: who works on one, how far it is, and what it waits for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mneme_common.adapters.postgres import Connection, Database, read_whole_tables
from mneme_common.adapters.vector_index_rows import read_vector_indexes
from mneme_common.domain.sensitivity import redacted
from mneme_common.domain.vector_indexes import SHADOW_STATES, IndexState, ModelChoice, VectorIndex

_PROBLEM_MAX = 500
# A member that is frozen longer than this loses the index to another one.
_IDLE = "SET LOCAL idle_in_transaction_session_timeout = '10min'"
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('mneme.vector_index.' || %s, 0)) AS locked"
_CLAIM = """
INSERT INTO vector_indexes (model, embedder, embedding_model, dimensions, state, served_at)
SELECT %s, %s, %s, %s, 'serving', now() WHERE NOT EXISTS (SELECT 1 FROM vector_indexes WHERE state = 'serving')
ON CONFLICT DO NOTHING
"""
_MOVE = """
UPDATE vector_indexes SET state = %(to)s, problem = NULL,
    ready_at = CASE WHEN %(to)s = 'ready' THEN now() ELSE ready_at END,
    dropped_at = CASE WHEN %(to)s = 'dropped' THEN now() ELSE dropped_at END
WHERE model = %(model)s AND state = %(from)s
"""
_BEHIND = """
UPDATE vector_indexes SET state = 'filling', problem = %s WHERE model = %s AND state IN ('following', 'ready')
"""
_EXPECT = "UPDATE vector_indexes SET expected = filled + %s WHERE model = %s"
_FILLED = """
UPDATE vector_indexes SET filled = filled + %s, refused = refused + %s, problem = NULL,
    expected = greatest(expected, filled + %s)
WHERE model = %s
"""
_WAITS = "UPDATE vector_indexes SET problem = %s WHERE model = %s AND problem IS DISTINCT FROM %s"


@dataclass(frozen=True, slots=True)
class _Locked:
    """The port Working: the lock lives as long as the connection's transaction."""

    connection: Connection
    name: str

    async def goes_on(self) -> VectorIndex | None:
        """See Working."""
        cursor = await self.connection.execute(
            "SELECT embedder, embedding_model, dimensions, state, retired_at FROM vector_indexes WHERE model = %s",
            (self.name,),
        )
        row = await cursor.fetchone()
        if row is None:
            return None
        choice = ModelChoice(row["embedder"], row["embedding_model"], row["dimensions"])
        return VectorIndex(choice=choice, state=IndexState(row["state"]), retired_at=row["retired_at"])


@dataclass(frozen=True, slots=True)
class VectorIndexRows:
    """The ports Indexes and Progress, as the writer role."""

    database: Database

    async def claim(self, choice: ModelChoice) -> None:
        """Makes the model the one that serves, where none does yet."""
        async with self.database.transaction() as connection:
            await connection.execute(_CLAIM, (choice.name, choice.embedder, choice.model, choice.dimensions))

    async def all(self) -> Sequence[VectorIndex]:
        """See Indexes."""
        return await read_vector_indexes(self.database)

    @asynccontextmanager
    async def working(self, index: VectorIndex) -> AsyncIterator[_Locked | None]:
        """See Indexes; a member that dies leaves the index to the next one at once."""
        async with self.database.transaction() as connection:
            await connection.execute(_IDLE)
            row = await (await connection.execute(_ALONE, (index.name,))).fetchone()
            yield _Locked(connection, index.name) if row and row["locked"] else None

    async def move(self, index: VectorIndex, state: IndexState, *, to: IndexState) -> bool:
        """See Indexes."""
        async with self.database.transaction() as connection:
            cursor = await connection.execute(_MOVE, {"model": index.name, "from": state.value, "to": to.value})
            return cursor.rowcount == 1

    async def behind(self, index: VectorIndex, problem: str) -> None:
        """See Indexes."""
        await self._execute(_BEHIND, (_shown(problem), index.name))

    async def expect(self, index: VectorIndex, lacking: int) -> None:
        """See Progress."""
        await self._execute(_EXPECT, (lacking, index.name))

    async def filled(self, index: VectorIndex, versions: int, refused: int) -> None:
        """See Progress."""
        await self._execute(_FILLED, (versions, refused, versions, index.name))

    async def waits(self, index: VectorIndex, problem: str) -> None:
        """See Progress."""
        shown = _shown(problem)
        await self._execute(_WAITS, (shown, index.name, shown))

    async def forget(self, index: VectorIndex) -> None:
        """See Progress; a tenant at a time."""
        async with self.database.transaction(operator=True) as connection:
            rows = await (await connection.execute("SELECT DISTINCT tenant_id FROM heads")).fetchall()
        for row in rows:
            async with self.database.transaction([row["tenant_id"]]) as connection:
                await read_whole_tables(connection)
                for table in ("indexed", "embedding_cache"):
                    await connection.execute(
                        f"DELETE FROM {table} WHERE tenant_id = %s AND model = %s".encode(),
                        (row["tenant_id"], index.name),
                    )
        if index.state in SHADOW_STATES:
            await self._execute(
                "UPDATE vector_indexes SET filled = 0, refused = 0, expected = 0 WHERE model = %s", (index.name,)
            )

    async def _execute(self, statement: str, values: Sequence[object]) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(statement.encode(), values)


def _shown(problem: str) -> str:
    """A model's words may repeat what it was sent."""
    return redacted(problem)[:_PROBLEM_MAX]
