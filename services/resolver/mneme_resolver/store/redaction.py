"""Takes the words of messages that retention deletes out of ledger, rows and vectors, as part of deleting them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mneme_common.adapters.postgres import Connection
from mneme_common.contracts.codec import decode, parse_json
from mneme_common.contracts.command_types import COMMAND_TYPES
from mneme_common.contracts.commands import ApplyRetention, RecordMessage
from mneme_common.domain.identifiers import point_id
from mneme_resolver.decide.applied import AppliedEvent
from mneme_resolver.decide.redaction import redacted
from mneme_resolver.ports import Subject
from mneme_resolver.store.cipher import DataKey

_OWN = "tenant_id = %(tenant)s AND user_id = %(user)s"
_TYPES = COMMAND_TYPES | {"turn": RecordMessage}
_REVISIONS = f"""
SELECT message_id, revision, event_id, from_seq FROM messages WHERE {_OWN} AND message_id = ANY(%(ids)s)
"""
# Those that made a revision by its position; of the updates also those that changed nothing.
_TOLD = f"""
SELECT event_id, event_type, type_version, seq, payload FROM ledger WHERE {_OWN} AND payload <> ''
    AND event_type IN ('message.record', 'turn', 'message.update')
    AND (seq = ANY(%(seqs)s) OR (event_type = 'message.update' AND outcome ->> 'message_id' = ANY(%(names)s)))
"""
_REPLACE = """
UPDATE ledger SET payload = %(payload)s, request_hash = '' WHERE tenant_id = %(tenant)s AND event_id = %(event)s
"""
_EMPTY = f"""
UPDATE messages SET content = redacted_content(event_id), name = NULL, metadata = CASE
    WHEN metadata @> '{{"memory_enabled": false}}' THEN '{{"memory_enabled": false}}' ELSE '{{}}' END::jsonb
WHERE {_OWN} AND message_id = ANY(%(ids)s)
"""
_FORGET_CACHED = f"""
DELETE FROM embedding_cache WHERE tenant_id = %(tenant)s AND content_hash IN (
    SELECT content_hash FROM indexed WHERE {_OWN} AND point_id = ANY(%(points)s)
    UNION SELECT content_hash FROM vectors WHERE {_OWN} AND point_id = ANY(%(points)s))
"""
_FORGET_INDEXED = f"DELETE FROM indexed WHERE {_OWN} AND point_id = ANY(%(points)s)"
_FORGET_VECTORS = f"DELETE FROM vectors WHERE {_OWN} AND point_id = ANY(%(points)s)"


async def redact_deleted(connection: Connection, applied: Sequence[AppliedEvent], keys: dict[Subject, DataKey]) -> None:
    """Of every message that one of the events has deleted by retention; memories drawn from it stay as they are."""
    deleted: dict[Subject, list[UUID]] = defaultdict(list)
    for item in applied:
        if isinstance(item.event.data, ApplyRetention):
            targets = [action.target for action in item.decision.actions if action.action == "delete"]
            deleted[item.event.subject] += [target for target in targets if target is not None]
    for subject, ids in deleted.items():
        if ids:
            await _redact(connection, subject, ids, keys[subject])


async def _redact(connection: Connection, subject: Subject, ids: list[UUID], key: DataKey) -> None:
    asked: dict[str, Any] = {"tenant": subject[0], "user": subject[1], "ids": ids, "names": [str(one) for one in ids]}
    rows = await (await connection.execute(_REVISIONS, asked)).fetchall()
    texts: dict[int, UUID] = {row["from_seq"]: row["event_id"] for row in rows}
    told = await (await connection.execute(_TOLD, asked | {"seqs": list(texts)})).fetchall()
    for row in told:
        payload = parse_json(key.decrypt(row["event_id"], bytes(row["payload"])))
        data = redacted(decode(_TYPES, row["event_type"], row["type_version"], payload), texts.get(row["seq"]))
        stored = key.encrypt(row["event_id"], data.model_dump_json(exclude_none=True).encode())
        await connection.execute(_REPLACE, {"payload": stored, "tenant": subject[0], "event": row["event_id"]})
    await connection.execute(_EMPTY, asked)
    points = asked | {"points": [point_id(row["message_id"], row["revision"]) for row in rows]}
    for statement in (_FORGET_CACHED, _FORGET_INDEXED, _FORGET_VECTORS):
        await connection.execute(statement, points)
