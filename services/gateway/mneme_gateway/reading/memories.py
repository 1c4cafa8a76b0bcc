"""Memories and their versions, of one user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from mneme_common.domain.vocabulary import Kind, MemoryType, TrustTier
from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import ApiError, not_found
from mneme_gateway.ports import Database, Row
from mneme_gateway.reading.moments import Past, is_open, opened
from mneme_gateway.schemas.memories import MemoryHistory, MemoryOut, MemoryPage
from mneme_gateway.writing.operations import OperationIds

_COLUMNS = (
    "m.memory_id, m.root_id, m.version, m.tenant_id, m.user_id, m.author_id, m.subject_id, m.memory_type, m.kind,"
    " m.memory_class, m.schema_version, m.key, m.content, m.values, m.tags, m.namespace, m.session_id, m.trust_tier,"
    " m.initial_confidence, m.importance, m.pinned, m.status, m.superseded_by, m.source, m.source_message_ids,"
    " m.spans, m.extra_metadata, m.op, m.reason, m.tombstone, m.observed_at, m.created_at, m.expires_at,"
    " m.valid_from, m.valid_to, m.source_memory_ids,"
    " m.event_id, m.from_seq, m.to_seq, coalesce(a.access_count, 0) AS access_count, a.last_accessed_at"
)
_FROM = "memories AS m LEFT JOIN memory_access AS a ON a.root_id = m.root_id AND a.tenant_id = m.tenant_id"
_OWN = "m.tenant_id = %(tenant)s AND m.user_id = %(user)s"
# A memory that has ended is shown by its history only: none of its ids leads to what it said.
_NOT_ENDED = (
    "EXISTS (SELECT 1 FROM memories AS h WHERE h.tenant_id = m.tenant_id AND h.user_id = m.user_id"
    " AND h.root_id = m.root_id AND h.to_seq IS NULL AND NOT h.tombstone)"
)
_ROOT = (
    "(SELECT c.root_id FROM memories AS c WHERE c.tenant_id = %(tenant)s AND c.user_id = %(user)s"
    " AND c.memory_id = %(id)s)"
)
_EQUAL = (
    "memory_type", "kind", "session_id", "subject_id", "trust_tier", "namespace", "source", "author_id", "key",
    "pinned", "memory_class",
)  # fmt: skip
_COMPARED = {
    "importance_min": " AND m.importance >= %(importance_min)s",
    "valid_at": " AND (m.valid_from IS NULL OR m.valid_from <= %(valid_at)s)"
    " AND (m.valid_to IS NULL OR m.valid_to > %(valid_at)s)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFilter:
    """What a listed memory must be; None means any. Of several tags, it must have all."""

    memory_type: MemoryType | None = None
    kind: Kind | None = None
    session_id: str | None = None
    subject_id: str | None = None
    trust_tier: TrustTier | None = None
    namespace: str | None = None
    source: str | None = None
    author_id: str | None = None
    key: str | None = None
    pinned: bool | None = None
    importance_min: float | None = None
    valid_at: datetime | None = None
    memory_class: str | None = None
    tags: list[str] = field(default_factory=list)

    def condition(self) -> tuple[str, dict[str, Any]]:
        """SQL and its parameters."""
        given = {name: getattr(self, name) for name in _EQUAL if getattr(self, name) is not None}
        parts = [f" AND m.{name} = %({name})s" for name in given]
        for name, compared in _COMPARED.items():
            if getattr(self, name) is not None:
                parts.append(compared)
                given[name] = getattr(self, name)
        if self.tags:
            parts.append(" AND m.tags @> %(tags)s")
            given["tags"] = self.tags
        return "".join(parts), given


class MemoryReader:
    """Reads memories; each version names the operation that wrote it, which says why."""

    def __init__(self, database: Database, operations: OperationIds) -> None:
        self._database = database
        self._operations = operations

    async def get(self, scope: Scope, memory_id: UUID, past: Past | None = None) -> MemoryOut:
        """The version that the id names, active or not; in the past, the one of its chain that was current then.

        Raises ApiError 404, also for a memory that has ended, or had.
        """
        named = f"m.memory_id = %(id)s AND {_NOT_ENDED}"
        if past is not None:
            named = f"m.root_id = {_ROOT} AND {is_open(past, 'm.')} AND NOT m.tombstone"
        rows = await self._rows(scope, named, {"id": memory_id, **opened(past)})
        if not rows:
            raise not_found("Memory")
        return self._memory(rows[0], past)

    async def some(self, scope: Scope, memory_ids: Sequence[UUID]) -> dict[UUID, MemoryOut]:
        """Those of the versions that there are."""
        rows = await self._rows(scope, "m.memory_id = ANY(%(ids)s) AND NOT m.tombstone", {"ids": list(memory_ids)})
        return {row["memory_id"]: self._memory(row) for row in rows}

    async def versions(self, scope: Scope, memory_ids: Sequence[UUID]) -> dict[UUID, MemoryOut]:
        """The same with tombstones."""
        rows = await self._rows(scope, "m.memory_id = ANY(%(ids)s)", {"ids": list(memory_ids)})
        return {row["memory_id"]: self._memory(row) for row in rows}

    async def page(
        self, scope: Scope, wanted: MemoryFilter, *, limit: int, cursor: UUID | None, past: Past | None = None
    ) -> MemoryPage:
        """Active memories, the last written first; raises ApiError 400 for a cursor that names none of the user's."""
        condition, parameters = wanted.condition()
        if cursor is not None:
            parameters["cursor"] = cursor
            parameters["before"] = await self._position(scope, cursor)
            condition += " AND (m.from_seq, m.memory_id) < (%(before)s, %(cursor)s)"
        rows = await self._rows(
            scope,
            f"{_live(past)}{condition} ORDER BY m.from_seq DESC, m.memory_id DESC LIMIT %(limit)s",
            parameters | {"limit": limit + 1, **opened(past)},
        )
        items = [self._memory(row, past) for row in rows[:limit]]
        return MemoryPage(items=items, next_cursor=items[-1].memory_id if len(rows) > limit else None)

    async def history(self, scope: Scope, memory_id: UUID, past: Past | None = None) -> MemoryHistory:
        """All versions of the memory, whichever of them the id names; raises ApiError 404."""
        written = "" if past is None else " AND m.from_seq <= %(position)s"
        rows = await self._rows(
            scope, f"m.root_id = {_ROOT}{written} ORDER BY m.version", {"id": memory_id, **opened(past)}
        )
        if not rows:
            raise not_found("Memory")
        versions = [self._memory(row, past) for row in rows]
        return MemoryHistory(
            memory_id=memory_id.hex, root_id=versions[0].root_id, versions=versions, total=len(versions)
        )

    async def drawn_from(self, scope: Scope, message_ids: Sequence[UUID]) -> list[MemoryOut]:
        """The active memories that have one of the messages as a source."""
        sources = [str(message_id) for message_id in message_ids]
        condition = f"{_live()} AND m.source_message_ids && %(sources)s ORDER BY m.from_seq, m.memory_id"
        return [self._memory(row) for row in await self._rows(scope, condition, {"sources": sources})]

    def _memory(self, row: Row, past: Past | None = None) -> MemoryOut:
        owner = Scope(row["tenant_id"], row["user_id"])
        shown = memory_out(row) if past is None else memory_out(past.as_then(row), past.now)
        return shown.model_copy(update={"operation_id": self._operations.of(owner, row["event_id"])})

    async def _position(self, scope: Scope, memory_id: UUID) -> int:
        rows = await self._rows(scope, "m.memory_id = %(id)s", {"id": memory_id})
        if not rows:
            raise ApiError(400, "BAD_CURSOR", "The cursor was not issued by this endpoint.")
        return int(rows[0]["from_seq"])

    async def _rows(self, scope: Scope, condition: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        owner = {"tenant": scope.tenant_id, "user": scope.user_id}
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(
                f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_OWN} AND {condition}", owner | dict(parameters)
            )
            return await cursor.fetchall()


def _live(past: Past | None = None) -> str:
    now = "now()" if past is None else "%(then)s"
    return f"{is_open(past, 'm.')} AND NOT m.tombstone AND (m.expires_at IS NULL OR m.expires_at > {now})"


def memory_out(row: Row, now: datetime | None = None) -> MemoryOut:
    """A version as the answers show it, looked at from ``now``, or from the present."""
    renamed = ("memory_id", "root_id", "superseded_by", "kind", "event_id", "from_seq", "to_seq")
    fields = {name: value for name, value in row.items() if name not in renamed}
    expired = row["expires_at"] is not None and row["expires_at"] <= (now or datetime.now(UTC))
    superseded_by = row["superseded_by"]
    return MemoryOut(
        memory_id=row["memory_id"].hex,
        id=row["memory_id"].hex,
        root_id=row["root_id"].hex,
        type=row["kind"],
        is_active=row["to_seq"] is None and not row["tombstone"] and not expired,
        superseded_by=superseded_by.hex if superseded_by else None,
        position=row["from_seq"],
        **fields,
    )
