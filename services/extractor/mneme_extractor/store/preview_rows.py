"""Texts to be read and not kept, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.subject import Subject

_OWN = "tenant_id = %(tenant)s AND user_id = %(user)s AND preview_id = %(preview)s"
# Whoever asked has long given up on those.
_FORGET = "DELETE FROM extraction_previews WHERE tenant_id = %(tenant)s AND asked_at < now() - interval '10 minutes'"


@dataclass(frozen=True, slots=True)
class PreviewRows:
    """The port Previews on PostgreSQL."""

    database: Database

    async def asked(self, subject: Subject, preview_id: UUID) -> MessageRecorded | None:
        """See Previews; forgets what nobody waits for any more."""
        named = {"tenant": subject.tenant_id, "user": subject.user_id, "preview": preview_id}
        async with self.database.transaction([subject.tenant_id]) as connection:
            await connection.execute(_FORGET, named)
            cursor = await connection.execute(
                f"SELECT message, asked_at FROM extraction_previews WHERE {_OWN}".encode(), named
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        placed = {"message_id": preview_id, "event_id": preview_id, "revision": 1, "position": 0}
        return MessageRecorded.model_validate({"occurred_at": row["asked_at"], **row["message"], **placed})

    async def answer(self, subject: Subject, preview_id: UUID, found: Mapping[str, JsonValue]) -> None:
        """See Previews."""
        named = {"tenant": subject.tenant_id, "user": subject.user_id, "preview": preview_id}
        async with self.database.transaction([subject.tenant_id]) as connection:
            await connection.execute(
                f"UPDATE extraction_previews SET found = %(found)s WHERE {_OWN}".encode(),
                named | {"found": Jsonb(dict(found))},
            )
