"""Texts that are read and not kept: a row for as long as somebody waits for its answer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from mneme_common.contracts.commands import RecordMessage
from mneme_gateway.auth.caller import Scope
from mneme_gateway.control.jobs import JobDesk
from mneme_gateway.errors import unavailable
from mneme_gateway.ports import Database


class PreviewDesk:
    """Asks an extractor."""

    def __init__(self, database: Database, jobs: JobDesk) -> None:
        self._database = database
        self._jobs = jobs

    async def found(self, scope: Scope, message: RecordMessage, seconds: float) -> dict[str, Any] | None:
        """What would be proposed; None when nobody has read it within so many seconds, and then nobody will.

        Raises ApiError 503 when the model that is to read it cannot.
        """
        named = {"tenant": scope.tenant_id, "user": scope.user_id, "preview": uuid4()}
        body = Jsonb(message.model_dump(mode="json", exclude_none=True, exclude={"remember", "metadata"}))
        async with self._database.transaction([scope.tenant_id]) as connection:
            await connection.execute(
                "INSERT INTO extraction_previews (tenant_id, user_id, preview_id, message)"
                " VALUES (%(tenant)s, %(user)s, %(preview)s, %(message)s)",
                named | {"message": body},
            )
        parameters: dict[str, object] = {"preview_id": str(named["preview"]), "user_id": scope.user_id}
        try:
            job = await self._jobs.ask(scope.tenant_id, "extraction.preview", parameters)
            await self._jobs.settled(job, seconds)
        finally:
            found = await self._taken(scope, named)
        if found is not None and "fault" in found:
            raise unavailable("The extractor cannot read the text now; nothing was kept.")
        return found

    async def _taken(self, scope: Scope, named: dict[str, Any]) -> dict[str, Any] | None:
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(
                "DELETE FROM extraction_previews WHERE tenant_id = %(tenant)s AND user_id = %(user)s"
                " AND preview_id = %(preview)s RETURNING found",
                named,
            )
            row = await cursor.fetchone()
        return None if row is None else row["found"]
