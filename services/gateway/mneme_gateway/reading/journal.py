"""The journal's items, and what a message has changed among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from mneme_common.domain.identifiers import proposal_event_id
from mneme_common.domain.journal import JOURNAL, Bucket
from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Database, Row
from mneme_gateway.schemas.journal import JournalChange, JournalItem, JournalMemories

MOST = 1_000
_BUCKETS = frozenset(Bucket)

_LATEST = """
SELECT root_id, values, content FROM (
    SELECT m.root_id, m.values, m.content, m.from_seq FROM memories m
    WHERE m.tenant_id = %(tenant)s AND m.user_id = %(user)s AND m.memory_class = %(class)s AND m.to_seq IS NULL
        AND NOT m.tombstone AND (m.expires_at IS NULL OR m.expires_at > now())
    ORDER BY m.from_seq DESC, m.memory_id LIMIT %(most)s
) AS latest ORDER BY root_id
"""
_ONE = """
SELECT m.root_id, m.values, m.content FROM memories AS c
JOIN memories AS m ON m.tenant_id = c.tenant_id AND m.user_id = c.user_id AND m.root_id = c.root_id
WHERE c.tenant_id = %(tenant)s AND c.user_id = %(user)s AND c.memory_id = %(id)s AND m.memory_class = %(class)s
    AND m.to_seq IS NULL AND NOT m.tombstone
"""
_READINGS = """
SELECT schema_version, run FROM extractions
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND source_event_id = %(event)s
"""
# Of what has ended, the version before says what it was.
_WRITTEN = """
SELECT m.memory_id, m.root_id, m.version, m.tombstone, coalesce(old.values, m.values) AS values, m.content
FROM memories AS m
LEFT JOIN memories AS old ON m.tombstone AND old.tenant_id = m.tenant_id AND old.root_id = m.root_id
    AND old.version = m.version - 1
WHERE m.tenant_id = %(tenant)s AND m.user_id = %(user)s AND m.event_id = ANY(%(events)s) AND m.memory_class = %(class)s
"""
# What an event wrote, in the order in which it was said.
_ORDER = """
SELECT coalesce(outcome -> 'memory_ids', '[]') AS ids FROM ledger
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND event_id = ANY(%(events)s)
"""


class JournalReader:
    """Reads the memories of the journal's class."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def memories(self, scope: Scope) -> JournalMemories:
        """What is known now; of more than a thousand the latest written."""
        found = JournalMemories()
        for row in await self._rows(scope, _LATEST, {"most": MOST}):
            bucket = row["values"].get("bucket")
            if bucket in _BUCKETS:
                getattr(found, bucket).append(_item(row))
        return found

    async def item(self, scope: Scope, bucket: Bucket, memory_id: UUID) -> JournalItem:
        """The item that any id of its versions names; raises ApiError 404."""
        rows = await self._rows(scope, _ONE, {"id": memory_id})
        if not rows or rows[0]["values"].get("bucket") != bucket.value:
            raise not_found("Memory")
        return _item(rows[0])

    async def changes(self, scope: Scope, message_event: UUID) -> list[JournalChange]:
        """What reading the message that this event recorded has changed so far."""
        readings = await self._rows(scope, _READINGS, {"event": message_event})
        events = [proposal_event_id(message_event, row["schema_version"], row["run"]) for row in readings]
        told = [UUID(one) for row in await self._rows(scope, _ORDER, {"events": events}) for one in row["ids"]]
        written = {row["memory_id"]: row for row in await self._rows(scope, _WRITTEN, {"events": events})}
        return [_change(written[memory_id]) for memory_id in told if memory_id in written]

    async def _rows(self, scope: Scope, statement: str, asked: Mapping[str, object]) -> Sequence[dict[str, Any]]:
        owner = {"tenant": scope.tenant_id, "user": scope.user_id, "class": JOURNAL}
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(statement.encode(), owner | dict(asked))
            return await cursor.fetchall()


def _item(row: Row) -> JournalItem:
    """What somebody has worded anew elsewhere has no value: then its words are."""
    values = row["values"]
    return JournalItem(
        id=row["root_id"].hex, key=str(values.get("key", "")), value=str(values.get("value") or row["content"])
    )


def _change(row: Row) -> JournalChange:
    item = _item(row)
    action: Literal["created", "updated", "deleted"] = "created" if row["version"] == 1 else "updated"
    if row["tombstone"]:
        action = "deleted"
    return JournalChange(
        action=action,
        type=row["values"]["bucket"],
        id=item.id,
        key=item.key,
        value=None if row["tombstone"] else item.value,
    )
