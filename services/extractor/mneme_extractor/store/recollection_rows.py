"""What a search may have returned to a user's conversation, read from PostgreSQL when a message looks like it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from mneme_common.adapters.postgres import Database
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.recall import Known

_MOST = 1_000
_USERS_HELD = 16
_HELD_SECONDS = 1.0
"""What is held answers for the messages of a batch, and is gone with it: it is the words of people."""

# What an extraction or a reflection worded is nobody's way of speaking; the rest was said or stored in so many words.
# The head is as old as the memories at least: whatever lies before it is among them.
_MEMORIES = """
SELECT h.head_seq, m.* FROM heads h LEFT JOIN LATERAL (
    SELECT memory_id, content, source NOT LIKE 'extractor/%%' AND source NOT LIKE 'reflection/%%' AS stated,
        to_seq IS NULL AS current, from_seq
    FROM memories
    WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND from_seq < %(before)s AND NOT tombstone
    ORDER BY from_seq DESC, memory_id LIMIT %(most)s
) AS m ON true
WHERE h.tenant_id = %(tenant)s AND h.user_id = %(user)s
ORDER BY m.from_seq DESC, m.memory_id
"""
_MESSAGES = """
SELECT message_id, content FROM messages
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND from_seq < %(before)s
    AND (occurred_at AT TIME ZONE 'UTC')::date = ANY (%(days)s::date[])
ORDER BY from_seq DESC, message_id LIMIT %(most)s
"""
_ENDLESS = 2**62


@dataclass(frozen=True, slots=True)
class _Held:
    """A user's newest memories with their positions; all that lie before ``head`` unless they are ``cut`` short."""

    head: int
    cut: bool
    memories: Sequence[tuple[int, Known]]
    read_at: float

    def before(self, position: int) -> list[Known] | None:
        """Those before a position; None when there may be others."""
        found = [known for at, known in self.memories if at < position]
        complete = position <= self.head and (not self.cut or len(found) == len(self.memories))
        return found if complete else None


@dataclass(frozen=True, slots=True)
class RecollectionRows:
    """The port Recollections; a thousand of each at most, the newest. The messages of a batch share one look."""

    database: Database
    most: int = _MOST
    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[Subject, _Held] = field(default_factory=OrderedDict)

    async def known(self, subject: Subject, before: int, days: Collection[date]) -> Sequence[Known]:
        """See Recollections."""
        held = self._fresh(subject)
        found = held.before(before) if held is not None else None
        if found is None:
            held = await self._memories(subject, _ENDLESS)
            self._hold(subject, held)
            found = held.before(before)
        if found is None:
            found = [known for _, known in (await self._memories(subject, before)).memories]
        return found + (await self._said(subject, before, days) if days else [])

    def _fresh(self, subject: Subject) -> _Held | None:
        now = self.clock()
        while self._held and next(iter(self._held.values())).read_at < now - _HELD_SECONDS:
            self._held.popitem(last=False)
        return self._held.get(subject)

    def _hold(self, subject: Subject, held: _Held) -> None:
        self._held.pop(subject, None)
        self._held[subject] = held
        if len(self._held) > _USERS_HELD:
            self._held.popitem(last=False)

    async def _memories(self, subject: Subject, before: int) -> _Held:
        asked = {"tenant": subject.tenant_id, "user": subject.user_id, "before": before, "most": self.most}
        read_at = self.clock()
        async with self.database.transaction([subject.tenant_id]) as connection:
            rows = await (await connection.execute(_MEMORIES, asked)).fetchall()
        memories = [
            (row["from_seq"], Known(row["memory_id"], row["content"], stated=row["stated"], current=row["current"]))
            for row in rows
            if row["memory_id"] is not None
        ]
        head = rows[0]["head_seq"] if rows else 0
        return _Held(head, len(memories) == self.most, memories, read_at)

    async def _said(self, subject: Subject, before: int, days: Collection[date]) -> list[Known]:
        """Of a message only a line of a packed context is a quotation: people do say things twice."""
        asked = {
            "tenant": subject.tenant_id,
            "user": subject.user_id,
            "before": before,
            "days": sorted(days),
            "most": self.most,
        }
        async with self.database.transaction([subject.tenant_id]) as connection:
            rows = await (await connection.execute(_MESSAGES, asked)).fetchall()
        return [Known(row["message_id"], row["content"], stated=True, current=False) for row in rows]
