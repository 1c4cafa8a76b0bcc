"""Messages whose extraction waits, in PostgreSQL: the log goes on without them (guarantee 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.model_waiting import WaitReason
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.postponement import PostponedMessage, Postponement

_POSTPONE = """
INSERT INTO postponed_extractions
    (tenant_id, user_id, position, message_id, event_id, traceparent, reason, retry_at)
SELECT w.tenant_id, w.user_id, w.position, w.message_id, w.event_id, w.traceparent,
    coalesce(w.reason, before.reason, 'model_away'),
    coalesce(before.retry_at, now() + make_interval(secs => w.seconds))
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::float8[])
    AS w (tenant_id, user_id, position, message_id, event_id, traceparent, reason, seconds)
CROSS JOIN LATERAL (
    SELECT max(p.reason) AS reason, max(p.retry_at) AS retry_at FROM postponed_extractions p
    WHERE p.tenant_id = w.tenant_id AND p.user_id = w.user_id) AS before
ON CONFLICT DO NOTHING
"""
# A user is due when nothing of his waits for longer: whoever claims him puts all of it off for the length of a lease.
_CLAIM = """
WITH due AS (
    SELECT tenant_id, user_id FROM postponed_extractions
    WHERE tenant_id <> ALL (%(held)s::text[]) AND (
        SELECT EXISTS (SELECT 1 FROM postponed_extractions
                       WHERE retry_at <= now() AND tenant_id <> ALL (%(held)s::text[])))
    GROUP BY tenant_id, user_id HAVING max(retry_at) <= now() ORDER BY min(postponed_at) LIMIT %(users)s
)
UPDATE postponed_extractions p SET retry_at = now() + make_interval(secs => %(lease)s)
FROM due WHERE p.tenant_id = due.tenant_id AND p.user_id = due.user_id AND p.retry_at <= now()
RETURNING p.tenant_id, p.user_id
"""
_NEXT = """
SELECT p.position, p.message_id, p.event_id, p.traceparent, m.revision, m.conversation_id, m.role, m.name, m.content,
    m.namespace, m.occurred_at,
    EXISTS (SELECT 1 FROM extractions x WHERE x.tenant_id = p.tenant_id AND x.source_event_id = p.event_id
            AND x.schema_version = %(schema)s AND x.run = 'live') AS extracted
FROM postponed_extractions p
LEFT JOIN messages m ON m.tenant_id = p.tenant_id AND m.user_id = p.user_id AND m.message_id = p.message_id
    AND m.event_id = p.event_id AND m.to_seq IS NULL
WHERE p.tenant_id = %(tenant)s AND p.user_id = %(user)s
ORDER BY p.position, p.event_id LIMIT 1
"""
_PUT_OFF = """
UPDATE postponed_extractions SET retry_at = now() + make_interval(secs => %(seconds)s),
    reason = coalesce(%(reason)s, reason)
WHERE tenant_id = %(tenant)s AND user_id = %(user)s
"""


@dataclass(frozen=True, slots=True)
class PostponedRows:
    """The ports Postponements and WaitingRoom on PostgreSQL."""

    database: Database

    async def postpone(self, postponements: Sequence[Postponement]) -> None:
        """See Postponements; one statement."""
        if not postponements:
            return
        messages = [postponement.message for postponement in postponements]
        columns: list[list[object]] = [
            [message.subject.tenant_id for message in messages],
            [message.subject.user_id for message in messages],
            [message.position for message in messages],
            [message.message_id for message in messages],
            [message.event_id for message in messages],
            [message.traceparent for message in messages],
            [postponement.reason for postponement in postponements],
            [postponement.seconds for postponement in postponements],
        ]
        async with self.database.transaction(sorted({message.subject.tenant_id for message in messages})) as connection:
            await connection.execute(_POSTPONE, columns)

    async def claim(self, users: int, lease_seconds: float, held: Sequence[str]) -> Sequence[Subject]:
        """See WaitingRoom."""
        async with self.database.transaction(operator=True) as connection:
            cursor = await connection.execute(_CLAIM, {"users": users, "lease": lease_seconds, "held": list(held)})
            return sorted(
                {Subject(row["tenant_id"], row["user_id"]) for row in await cursor.fetchall()},
                key=lambda subject: (subject.tenant_id, subject.user_id),
            )

    async def first(self, subject: Subject, schema_version: str) -> PostponedMessage | None:
        """See WaitingRoom."""
        asked = {"tenant": subject.tenant_id, "user": subject.user_id, "schema": schema_version}
        async with self.database.transaction([subject.tenant_id]) as connection:
            row = await (await connection.execute(_NEXT, asked)).fetchone()
        return None if row is None else _postponed(subject, row)

    async def put_off(self, subject: Subject, seconds: float, reason: WaitReason | None = None) -> None:
        """See WaitingRoom."""
        asked = {"tenant": subject.tenant_id, "user": subject.user_id, "seconds": seconds, "reason": reason}
        async with self.database.transaction([subject.tenant_id]) as connection:
            await connection.execute(_PUT_OFF, asked)

    async def done(self, message: PostponedMessage) -> None:
        """See WaitingRoom."""
        subject = message.subject
        async with self.database.transaction([subject.tenant_id]) as connection:
            await connection.execute(
                "DELETE FROM postponed_extractions"
                " WHERE tenant_id = %s AND user_id = %s AND position = %s AND event_id = %s",
                (subject.tenant_id, subject.user_id, message.position, message.event_id),
            )

    async def count(self) -> Mapping[str, int]:
        """How many wait, by reason."""
        async with self.database.transaction(operator=True) as connection:
            cursor = await connection.execute(
                "SELECT reason, count(*) AS messages FROM postponed_extractions GROUP BY reason"
            )
            return {row["reason"]: row["messages"] for row in await cursor.fetchall()}


def _postponed(subject: Subject, row: Mapping[str, Any]) -> PostponedMessage:
    """The words of a revision that is gone are nobody's any more, and those that have been read need no second look."""
    recorded = None
    if row["content"] is not None:
        fields = (
            "message_id", "revision", "event_id", "conversation_id", "role", "name", "content", "namespace",
            "occurred_at", "position",
        )  # fmt: skip
        recorded = MessageRecorded.model_validate({name: row[name] for name in fields})
    return PostponedMessage(
        subject=subject,
        position=row["position"],
        message_id=row["message_id"],
        event_id=row["event_id"],
        traceparent=row["traceparent"],
        recorded=recorded,
        extracted=row["extracted"],
    )
