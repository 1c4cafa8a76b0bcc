"""Waiting until a server has recorded, read and indexed everything that it was sent."""

from __future__ import annotations

import asyncio
import time

from mneme import AsyncMneme, ForbiddenError
from mneme_cli.failures import CommandFailedError

_WITHIN_SECONDS = 600.0
_LOOK_EVERY_SECONDS = 0.3
_STATUS_AGE_SECONDS = 2.5


async def until_level(client: AsyncMneme, within_seconds: float = _WITHIN_SECONDS) -> None:
    """Returns when nothing was unfinished in two looks, the second of which cannot be older than this call.

    Raises CommandFailedError when that takes too long.
    """
    deadline = time.monotonic() + within_seconds
    level_since: float | None = None
    while True:
        if await _unfinished(client):
            level_since = None
        elif level_since is None:
            level_since = time.monotonic()
        elif time.monotonic() - level_since > _STATUS_AGE_SECONDS:
            return
        if time.monotonic() > deadline:
            raise CommandFailedError("The stages did not come level; `mneme status` says which is behind.")
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


async def _unfinished(client: AsyncMneme) -> int:
    """How much some stage still owes; who is no operator sees only the lag."""
    try:
        return (await client.status()).unfinished.total
    except ForbiddenError:
        return sum(stage.lag for stage in (await client.health()).stages)
