"""Takes feedback down (S4-43, S4-44): it changes no record, so it is kept beside the ledger and goes with its user."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from mneme_common.domain.vectors import RecordKind
from mneme_gateway.auth.caller import Scope
from mneme_gateway.control.privacy import PrivacyPolicies
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Database
from mneme_gateway.schemas.feedback import FeedbackByTier, FeedbackIn, FeedbackStats, TierCount
from mneme_gateway.search.feedback import CHANNEL
from mneme_gateway.writing.scrubbing import scrubbed_text

_OWN = "tenant_id = %(tenant)s AND user_id = %(user)s"
_ADD = "INSERT INTO feedback (feedback_id, tenant_id, user_id, kind, record_id, point_id, trust_tier, signal, context)"
# Of a memory any version may be meant, as long as the memory has not ended.
_OF_MEMORY = f"""
{_ADD} SELECT %(id)s, tenant_id, user_id, 'memory', memory_id, memory_id, trust_tier, %(signal)s, %(context)s
FROM memories AS m WHERE {_OWN} AND memory_id = %(record)s AND NOT tombstone AND EXISTS (
    SELECT 1 FROM memories AS h WHERE h.tenant_id = m.tenant_id AND h.user_id = m.user_id AND h.root_id = m.root_id
    AND h.to_seq IS NULL AND NOT h.tombstone)
"""
_OF_MESSAGE = f"""
{_ADD} SELECT %(id)s, tenant_id, user_id, 'message', message_id, message_point_id(message_id, revision), NULL,
    %(signal)s, %(context)s
FROM messages WHERE {_OWN} AND message_id = %(record)s AND to_seq IS NULL
"""
_BY_SIGNAL = f"SELECT signal, count(*) AS count FROM feedback WHERE {_OWN} GROUP BY signal"
_BY_TIER = f"""
SELECT trust_tier AS tier, signal, count(*) AS count FROM feedback WHERE {_OWN}
GROUP BY trust_tier, signal ORDER BY trust_tier, signal
"""


class FeedbackDesk:
    """Keeps what people say of results, and counts it."""

    def __init__(self, database: Database, privacy: PrivacyPolicies, forget: Callable[[], None]) -> None:
        """``forget`` is called once there is more feedback."""
        self._database = database
        self._privacy = privacy
        self._forget = forget

    async def give(self, scope: Scope, kind: RecordKind, record_id: UUID, given: FeedbackIn) -> UUID:
        """The id of the feedback; raises ApiError 404 for a record that is not the user's, 403 for a secret."""
        context = given.context
        if context is not None:
            context = scrubbed_text(context, "context", await self._privacy.scrubber(scope.tenant_id))
        feedback_id = uuid4()
        values = {
            "id": feedback_id,
            "tenant": scope.tenant_id,
            "user": scope.user_id,
            "record": record_id,
            "signal": given.signal.value,
            "context": context,
        }
        async with self._database.transaction([scope.tenant_id]) as connection:
            added = await connection.execute(_OF_MEMORY if kind is RecordKind.MEMORY else _OF_MESSAGE, values)
            if not added.rowcount:
                raise not_found(kind.value.capitalize())
            await connection.execute(f"NOTIFY {CHANNEL}")
        self._forget()
        return feedback_id

    async def stats(self, scope: Scope) -> FeedbackStats:
        """How often the user gave each signal."""
        async with self._database.transaction([scope.tenant_id]) as connection:
            rows = await (await connection.execute(_BY_SIGNAL, _named(scope))).fetchall()
        return FeedbackStats(**{row["signal"]: row["count"] for row in rows})

    async def by_tier(self, scope: Scope) -> FeedbackByTier:
        """The same by trust tier."""
        async with self._database.transaction([scope.tenant_id]) as connection:
            rows = await (await connection.execute(_BY_TIER, _named(scope))).fetchall()
        return FeedbackByTier(breakdown=[TierCount(**row) for row in rows])


def _named(scope: Scope) -> dict[str, object]:
    return {"tenant": scope.tenant_id, "user": scope.user_id}
