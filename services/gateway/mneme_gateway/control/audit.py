"""The audit trail: who did what, or asked for it, told by ids and times and never by content (features.md, S0-31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from mneme_common.domain.metadata import JsonValue
from mneme_gateway.auth.caller import Caller
from mneme_gateway.ports import Connection, Database
from mneme_gateway.reading.cursors import decode_cursor, encode_cursor
from mneme_gateway.schemas.audit import AuditEventOut, AuditPage

WHOLE_TENANT = ""
"""Stands for the user of an event that concerns none."""

_COLUMNS = "event_id, tenant_id, nullif(user_id, '') AS user_id, event_type, actor, reason_code, meta, happened_at"
_COMPARED = {
    "user_id": " AND user_id = %(user_id)s",
    "event_type": " AND event_type = %(event_type)s",
    "since": " AND happened_at >= %(since)s",
    "until": " AND happened_at < %(until)s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events; None means any. ``since`` is included, ``until`` is not."""

    user_id: str | None = None
    event_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditTrail:
    """Reads the trail of a tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, tenant_id: str, wanted: AuditFilter, *, limit: int, cursor: str | None) -> AuditPage:
        """Events, newest first; raises ApiError 400 for a foreign cursor."""
        given = {name: getattr(wanted, name) for name in _COMPARED if getattr(wanted, name) is not None}
        asked: dict[str, object] = {"tenant": tenant_id, "limit": limit + 1, **given}
        conditions = "".join(_COMPARED[name] for name in given)
        if cursor is not None:
            asked["moment"], asked["id"] = decode_cursor(cursor)
            conditions += " AND (happened_at, event_id) < (%(moment)s, %(id)s)"
        statement = (
            f"SELECT {_COLUMNS} FROM audit_events WHERE tenant_id = %(tenant)s{conditions}"
            " ORDER BY happened_at DESC, event_id DESC LIMIT %(limit)s"
        )
        async with self._database.transaction([tenant_id]) as connection:
            rows = await (await connection.execute(statement.encode(), asked)).fetchall()
        events = [AuditEventOut(**row) for row in rows[:limit]]
        last = events[-1] if len(rows) > limit else None
        return AuditPage(items=events, next_cursor=last and encode_cursor(last.happened_at, last.event_id))


async def note(
    connection: Connection,
    caller: Caller,
    tenant_id: str,
    event_type: str,
    meta: Mapping[str, JsonValue],
    *,
    user_id: str = WHOLE_TENANT,
    event_id: UUID | None = None,
) -> None:
    """Adds an event to the trail; one that is there already by its id stays as it is."""
    actor = "master" if caller.is_master else f"{caller.tenant_id}/{caller.user_id}"
    await connection.execute(
        "INSERT INTO audit_events (event_id, tenant_id, user_id, event_type, actor, meta)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (event_id) DO NOTHING",
        (event_id or uuid4(), tenant_id, user_id, event_type, actor, Jsonb(dict(meta))),
    )
