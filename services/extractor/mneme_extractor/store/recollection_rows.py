"""What a search may have returned to a user's conversation, read from PostgreSQL when a message looks like it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from mneme_common.adapters.postgres import Database
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.recall import Known

_MOST = 1_000

# What an extraction or a reflection worded is nobody's way of speaking; the rest was said or stored in so many words.
_MEMORIES = """
SELECT memory_id, content, source NOT LIKE 'extractor/%%' AND source NOT LIKE 'reflection/%%' AS stated,
    to_seq IS NULL AS current
FROM memories
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND from_seq < %(before)s AND NOT tombstone
ORDER BY from_seq DESC, memory_id LIMIT %(most)s
"""
_MESSAGES = """
SELECT message_id, content FROM messages
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND from_seq < %(before)s
    AND (occurred_at AT TIME ZONE 'UTC')::date = ANY (%(days)s::date[])
ORDER BY from_seq DESC, message_id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class RecollectionRows:
    """The port Recollections; a thousand of each at most, the newest."""

    database: Database
    most: int = _MOST

    async def known(self, subject: Subject, before: int, days: Collection[date]) -> Sequence[Known]:
        """See Recollections."""
        asked = {
            "tenant": subject.tenant_id,
            "user": subject.user_id,
            "before": before,
            "days": sorted(days),
            "most": self.most,
        }
        async with self.database.transaction([subject.tenant_id]) as connection:
            memories = await (await connection.execute(_MEMORIES, asked)).fetchall()
            messages = await (await connection.execute(_MESSAGES, asked)).fetchall() if days else []
        known = [
            Known(row["memory_id"], row["content"], stated=row["stated"], current=row["current"]) for row in memories
        ]
        # Of a message only a line of a packed context is a quotation: people do say things twice.
        return known + [Known(row["message_id"], row["content"], stated=True, current=False) for row in messages]
