"""Wrapping the keys of data subjects anew after a change of the master key; no payload is touched."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from mneme_common.adapters.postgres import Database
from mneme_resolver.ports import KeyWrapper, UnknownKeyError
from mneme_resolver.store.subject_keys import wrapped_of

_PAGE = 500
_TENANTS = "SELECT DISTINCT tenant_id FROM heads ORDER BY tenant_id"
_NEXT = """
SELECT tenant_id, user_id, wrapped_key, wrapped_by FROM subject_keys
WHERE tenant_id = %s AND user_id > %s AND wrapped_by <> %s AND wrapped_key IS NOT NULL ORDER BY user_id LIMIT %s
"""
# An erasure or another run may have come in between: only what was read is replaced.
_REPLACE = """
UPDATE subject_keys SET wrapped_key = %s, wrapped_by = %s WHERE tenant_id = %s AND user_id = %s AND wrapped_key = %s
"""


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many keys of a page were wrapped anew, and how many none of the known keys opens."""

    done: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class KeyRewrapping:
    """Pages of keys that another key than the present one has wrapped."""

    database: Database
    wrapper: KeyWrapper

    @property
    def key(self) -> str:
        """The name of the key that wraps."""
        return self.wrapper.name

    async def pages(self) -> AsyncGenerator[Rewrapped, None]:
        """Every tenant's, a transaction a page."""
        async with self.database.transaction(operator=True) as connection:
            tenants = [row["tenant_id"] for row in await (await connection.execute(_TENANTS)).fetchall()]
        for tenant_id in tenants:
            after = ""
            while True:
                page, after = await self._page(tenant_id, after)
                if page is None:
                    break
                yield page

    async def _page(self, tenant_id: str, after: str) -> tuple[Rewrapped | None, str]:
        async with self.database.transaction([tenant_id]) as connection:
            rows = await (await connection.execute(_NEXT, (tenant_id, after, self.key, _PAGE))).fetchall()
            if not rows:
                return None, after
            done = 0
            for row in rows:
                subject, old = (tenant_id, row["user_id"]), wrapped_of(row)
                if old is None:
                    continue
                try:
                    raw = (await self.wrapper.unwrap({subject: old}))[subject]
                except UnknownKeyError:
                    continue
                new = (await self.wrapper.wrap({subject: raw}))[subject]
                await connection.execute(_REPLACE, (new.key, new.by, *subject, old.key))
                done += 1
        return Rewrapped(done, len(rows) - done), rows[-1]["user_id"]
