"""API keys: shown once, kept as SHA-256, each for one user of one tenant (features.md, S4-51)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import structlog

from mneme_gateway.auth.caller import Caller
from mneme_gateway.ports import Database

_TRUST_SECONDS = 30.0
_REMEMBERED = 10_000
_TOUCH_EVERY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Known:
    key_id: UUID
    caller: Caller
    expires_at: datetime | None
    until: float


class ApiKeys:
    """Looks keys up, and remembers them for a while; ``forget`` is called when any key changes, here or elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, _Known] = {}
        self._used: dict[UUID, tuple[str, datetime]] = {}

    async def owner(self, key_hash: bytes) -> Caller | None:
        """Whose key it is; None when there is no such key, or not any more."""
        known = self._known.get(key_hash)
        if known is None or known.until < time.monotonic():
            known = await self._look_up(key_hash)
        now = datetime.now(UTC)
        if known is None or (known.expires_at is not None and known.expires_at <= now):
            return None
        self._used[known.key_id] = (known.caller.tenant_id, now)
        return known.caller

    def forget(self) -> None:
        """Every key is looked up again at its next use."""
        self._known.clear()

    async def run(self) -> None:
        """Notes from time to time when keys were last used, until cancelled."""
        while True:
            await asyncio.sleep(_TOUCH_EVERY_SECONDS)
            await self.note_use()

    async def note_use(self) -> None:
        """Writes down the last use of the keys used since the last time."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            async with self._database.transaction([tenant for tenant, _ in used.values()]) as connection:
                await connection.execute(
                    "UPDATE api_keys AS k SET last_used_at = u.at"
                    " FROM unnest(%s::uuid[], %s::timestamptz[]) AS u (id, at) WHERE k.key_id = u.id",
                    (list(used), [at for _, at in used.values()]),
                )
        except psycopg.Error as error:
            structlog.get_logger("mneme.gateway").info("last use not noted", error=type(error).__name__)

    async def _look_up(self, key_hash: bytes) -> _Known | None:
        async with self._database.transaction() as connection:
            cursor = await connection.execute("SELECT * FROM find_api_key(%s)", (key_hash,))
            row = await cursor.fetchone()
        if row is None:
            self._known.pop(key_hash, None)
            return None
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        known = _Known(
            row["key_id"],
            Caller(row["tenant_id"], row["user_id"]),
            row["expires_at"],
            time.monotonic() + _TRUST_SECONDS,
        )
        self._known[key_hash] = known
        return known
