"""Admission: how many events may be on their way at once (guarantee 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from mneme_gateway.errors import ApiError

EventKey = tuple[str, UUID]
"""Tenant and event id."""

_RETRY_AFTER_SECONDS = 1


class Admission:
    """Counts events from their admission until their outcome is known, whoever still waits for it."""

    def __init__(self, *, per_tenant: int, in_all: int) -> None:
        self._per_tenant = per_tenant
        self._in_all = in_all
        self._open: set[EventKey] = set()
        self._of_tenant: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, keys: Sequence[EventKey]) -> None:
        """Takes all of the events in, or none and raises ApiError 429; one that is on its way already costs nothing."""
        new = [key for key in dict.fromkeys(keys) if key not in self._open]
        added = Counter(tenant for tenant, _ in new)
        crowded = any(self._of_tenant[tenant] + count > self._per_tenant for tenant, count in added.items())
        if crowded or len(self._open) + len(new) > self._in_all:
            raise ApiError(
                429,
                "TOO_MANY_EVENTS_IN_FLIGHT",
                "Too many writes are waiting to be applied; nothing of this request was written.",
                hint="Send it again after the time in Retry-After.",
                headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
            )
        self._open.update(new)
        self._of_tenant.update(added)

    def leave(self, key: EventKey) -> None:
        """The outcome of the event is known, or it never was on its way."""
        if key not in self._open:
            return
        self._open.remove(key)
        tenant = key[0]
        self._of_tenant[tenant] -= 1
        if not self._of_tenant[tenant]:
            del self._of_tenant[tenant]
