"""Notifications of PostgreSQL as hints: missing one must cost time only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import psycopg
import structlog
from psycopg import sql

_RETRY_SECONDS = 0.5


async def listen(url: str, hints: Mapping[str, Callable[[], None]]) -> None:
    """Calls a channel's hint for each notification until cancelled, and every hint whenever it starts to listen."""
    log = structlog.get_logger("mneme.gateway")
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5) as connection:
                for channel in hints:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                for hint in hints.values():
                    hint()
                async for notification in connection.notifies():
                    hints[notification.channel]()
        except psycopg.Error as error:
            log.info("notifications are away", error=type(error).__name__)
        await asyncio.sleep(_RETRY_SECONDS)
