"""Events on their way that nobody waits for any more; they count as in flight until the ledger has them."""

from __future__ import annotations

import time
from itertools import islice

from mneme_gateway.writing.admission import EventKey

_PAGE = 128
_SPACING_SECONDS = 0.02
_UNHINTED_SECONDS = 1.0


class Abandoned:
    """In the order in which they were given up, which is nearly that in which the resolver comes to them."""

    def __init__(self) -> None:
        self._keys: dict[EventKey, None] = {}
        self._asked = 0.0

    def __bool__(self) -> bool:
        return bool(self._keys)

    def add(self, key: EventKey) -> None:
        """Nobody waits for the event any more."""
        self._keys[key] = None

    def discard(self, key: EventKey) -> None:
        """Its outcome is known, or somebody waits for it again."""
        self._keys.pop(key, None)

    def due(self, *, hinted: bool) -> list[EventKey]:
        """Those to ask for now: the oldest, often where something is known to have been applied, else rarely.

        They go to the end of the line, so that some that take long do not hide the others.
        """
        now = time.monotonic()
        if now - self._asked < (_SPACING_SECONDS if hinted else _UNHINTED_SECONDS):
            return []
        self._asked = now
        page = list(islice(self._keys, _PAGE))
        for key in page:
            self._keys[key] = self._keys.pop(key)
        return page

    def settled(self, keys: int) -> bool:
        """Notes how many of the page were over; whether it is worth asking for the next page at once."""
        if keys * 2 < _PAGE:
            return False
        self._asked = 0.0
        return True
