"""Another embedding model: its index is filled beside the one that serves, compared, and takes its place (S1-27)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import psycopg

from mneme_common.domain.vector_indexes import SHADOW_STATES, IndexState, ModelChoice
from mneme_gateway.errors import ApiError
from mneme_gateway.ports import Connection, Database, Row
from mneme_gateway.schemas.reembedding import IndexOut, ReembedStatus

CHANNEL = "mneme_vector_indexes"
Usable = Callable[[ModelChoice], Awaitable[str | None]]
"""Why searches could not use a model, None when they can."""

_ALL = "SELECT * FROM vector_indexes ORDER BY started_at DESC, model"
_START = """
INSERT INTO vector_indexes AS v (model, embedder, embedding_model, dimensions, state)
VALUES (%(name)s, %(embedder)s, %(model)s, %(dimensions)s, 'clearing')
ON CONFLICT (model) DO UPDATE SET state = 'clearing', expected = 0, filled = 0, refused = 0, problem = NULL,
    started_at = now(), ready_at = NULL, served_at = NULL, retired_at = NULL, dropped_at = NULL
WHERE v.state IN ('retired', 'dropped')
RETURNING model
"""
# The old one first: at no moment do two serve, and nobody sees the moment between the two statements.
_RETIRE = "UPDATE vector_indexes SET state = 'retired', retired_at = now() WHERE state = 'serving'"
_SERVE = "UPDATE vector_indexes SET state = 'serving', served_at = now() WHERE model = %s AND state = 'ready'"
_CANCEL = """
UPDATE vector_indexes SET state = 'retired', retired_at = now(), problem = NULL
WHERE state IN ('clearing', 'filling', 'following', 'ready') RETURNING model
"""


class ReembeddingDesk:
    """Starts, shows, flips and cancels; the embedder does the work and follows the rows."""

    def __init__(self, database: Database, usable: Usable) -> None:
        self._database = database
        self._usable = usable

    async def status(self) -> ReembedStatus:
        """The index that serves, the one being filled, and those that were."""
        async with self._database.transaction() as connection:
            return _status(await _rows(connection))

    async def start(self, choice: ModelChoice) -> ReembedStatus:
        """Begins to fill an index; raises ApiError 409 while another one is being filled, or when it serves already."""
        wanted = {
            "name": choice.name,
            "embedder": choice.embedder,
            "model": choice.model,
            "dimensions": choice.dimensions,
        }
        try:
            async with self._database.transaction() as connection:
                started = await (await connection.execute(_START, wanted)).fetchone()
                await connection.execute(f"NOTIFY {CHANNEL}".encode())
                status = _status(await _rows(connection))
        except psycopg.errors.UniqueViolation:
            raise ApiError(
                409, "SHADOW_EXISTS", "Another index is being filled.", hint="Flip it or cancel it first."
            ) from None
        if started is None:
            is_serving = status.serving is not None and status.serving.model == choice.name
            raise ApiError(
                409, "INDEX_EXISTS", f"{choice.name} {'serves' if is_serving else 'is being filled'} already."
            )
        return status

    async def flip(self) -> ReembedStatus:
        """The shadow serves from now on; raises ApiError 409 unless it is ready, 503 when its model is away."""
        shadow = (await self.status()).shadow
        if shadow is None:
            raise ApiError(409, "NO_SHADOW", "No index is being filled beside the one that serves.")
        if shadow.state != IndexState.READY:
            raise _not_ready(shadow)
        problem = await self._usable(ModelChoice(shadow.embedder, shadow.embedding_model, shadow.dimensions))
        if problem is not None:
            raise ApiError(503, "MODEL_AWAY", f"Searches could not use {shadow.model}: {problem}")
        async with self._database.transaction() as connection:
            await connection.execute(_RETIRE)
            if (await connection.execute(_SERVE, (shadow.model,))).rowcount != 1:
                raise _not_ready(shadow)
            await connection.execute(f"NOTIFY {CHANNEL}".encode())
            return _status(await _rows(connection))

    async def cancel(self) -> ReembedStatus:
        """The shadow is dropped; raises ApiError 409 when there is none."""
        async with self._database.transaction() as connection:
            if await (await connection.execute(_CANCEL)).fetchone() is None:
                raise ApiError(409, "NO_SHADOW", "No index is being filled beside the one that serves.")
            await connection.execute(f"NOTIFY {CHANNEL}".encode())
            return _status(await _rows(connection))


def _not_ready(shadow: IndexOut) -> ApiError:
    return ApiError(
        409, "SHADOW_NOT_READY", f"{shadow.model} is not filled yet.", hint="GET /v1/admin/reembed says how far it is."
    )


async def _rows(connection: Connection) -> list[Row]:
    return list(await (await connection.execute(_ALL)).fetchall())


def _status(rows: list[Row]) -> ReembedStatus:
    indexes = [IndexOut(**row) for row in rows]
    return ReembedStatus(
        serving=next((index for index in indexes if index.state == IndexState.SERVING), None),
        shadow=next((index for index in indexes if index.state in SHADOW_STATES), None),
        earlier=[index for index in indexes if index.state in (IndexState.RETIRED, IndexState.DROPPED)],
    )
