"""What a user's feedback says of the documents of a view, kept for as long as nobody adds to it."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Database
from mneme_gateway.search.documents import Floats, Words64
from mneme_gateway.search.index import View

CHANNEL = "mneme_ranking"
_TRUST_SECONDS = 30.0
_USERS_MAX = 10_000
_LOW_HALF = 2**64 - 1

_BALANCES = """
SELECT point_id, sum(CASE signal WHEN 'useful' THEN 1.0 ELSE -0.5 END)::float8 AS balance FROM feedback
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND created_at <= coalesce(%(at)s::timestamptz, 'infinity')
GROUP BY point_id ORDER BY point_id
"""


@dataclass(frozen=True, slots=True)
class _Balances:
    points: Words64
    values: Floats
    until: float


class Feedback:
    """Reads feedback; a notification that is missed costs half a minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[Scope, _Balances] = OrderedDict()
        self._forgotten = 0

    def forget(self) -> None:
        """Everybody's feedback is read again before their next search."""
        self._known.clear()
        self._forgotten += 1

    async def balances(self, scope: Scope, view: View, at: datetime | None) -> Floats | None:
        """For each document the useful signals less half of the others (S4-10), of those given up to ``at``.

        None when the user has given none.
        """
        known = await (self._present(scope) if at is None else self._read(scope, at))
        if not len(known.points):
            return None
        places, found = view.places(known.points), np.zeros(len(view.live))
        found[places[places >= 0]] = known.values[places >= 0]
        return found

    async def _present(self, scope: Scope) -> _Balances:
        known = self._known.get(scope)
        if known is not None and known.until > time.monotonic():
            return known
        before = self._forgotten
        known = await self._read(scope, None)
        if before == self._forgotten:  # else it may have been read before what was added since
            self._known[scope] = known
            if len(self._known) > _USERS_MAX:
                self._known.popitem(last=False)
        return known

    async def _read(self, scope: Scope, at: datetime | None) -> _Balances:
        own = {"tenant": scope.tenant_id, "user": scope.user_id, "at": at}
        until = time.monotonic() + _TRUST_SECONDS
        async with self._database.transaction([scope.tenant_id]) as connection:
            rows = await (await connection.execute(_BALANCES, own)).fetchall()
        points = np.array([row["point_id"].int & _LOW_HALF for row in rows], dtype=np.uint64)
        return _Balances(points, np.array([row["balance"] for row in rows], dtype=np.float64), until)
