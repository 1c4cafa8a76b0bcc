"""The rows of API keys: made, listed, rotated, revoked (features.md, S4-51)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from mneme_common.domain.metadata import JsonValue
from mneme_gateway.auth.caller import Caller, Scope
from mneme_gateway.control.audit import note
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.keys import KeyOut, NewKey

CHANNEL = "mneme_keys"
_LISTED = 1_000
_PREFIX_LENGTH = 12
_COLUMNS = "key_id, tenant_id, user_id, name, key_prefix, created_at, expires_at, last_used_at"
# A key is its owner's; whoever may act for others may see to every key.
_SEEN = "is_active AND (%(master)s OR (tenant_id = %(tenant)s AND user_id = %(user)s))"


class KeyRows:
    """Writes keys; every gateway is told to look them up again when one is revoked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, caller: Caller, owner: Scope, name: str, expires_at: datetime | None) -> NewKey:
        """A new key."""
        async with self._database.transaction([owner.tenant_id]) as connection:
            made = await _insert(connection, owner, name, expires_at)
            await _noted(connection, caller, "KEY_MADE", made)
        return made

    async def all(self, caller: Caller, tenant_id: str | None, user_id: str | None) -> list[KeyOut]:
        """The active keys that the caller may see, of one tenant or user if named."""
        wanted = (
            f"SELECT {_COLUMNS} FROM api_keys WHERE {_SEEN}"
            " AND (%(of_tenant)s::text IS NULL OR tenant_id = %(of_tenant)s::text)"
            " AND (%(of_user)s::text IS NULL OR user_id = %(of_user)s::text)"
            " ORDER BY created_at, key_id LIMIT %(limit)s"
        )
        parameters = _seen_by(caller) | {"of_tenant": tenant_id, "of_user": user_id, "limit": _LISTED}
        async with self._database.transaction([caller.tenant_id], operator=caller.is_master) as connection:
            cursor = await connection.execute(wanted, parameters)
            return [KeyOut(**row) for row in await cursor.fetchall()]

    async def get(self, caller: Caller, key_id: UUID) -> KeyOut:
        """One active key; raises ApiError 404."""
        async with self._database.transaction([caller.tenant_id], operator=caller.is_master) as connection:
            return await _find(connection, caller, key_id)

    async def rotate(self, caller: Caller, key_id: UUID) -> NewKey:
        """A new key of the same name and expiry; the old one is revoked at once. Raises ApiError 404."""
        async with self._database.transaction([caller.tenant_id], operator=caller.is_master) as connection:
            old = await _find(connection, caller, key_id)
            await _revoke(connection, key_id)
            made = await _insert(connection, Scope(old.tenant_id, old.user_id), old.name, old.expires_at)
            await _noted(connection, caller, "KEY_ROTATED", made, {"replaces": str(old.key_id)})
        return made

    async def revoke(self, caller: Caller, key_id: UUID) -> None:
        """Ends a key at once; raises ApiError 404."""
        async with self._database.transaction([caller.tenant_id], operator=caller.is_master) as connection:
            key = await _find(connection, caller, key_id)
            await _revoke(connection, key_id)
            await _noted(connection, caller, "KEY_REVOKED", key)


def _seen_by(caller: Caller) -> dict[str, object]:
    return {"master": caller.is_master, "tenant": caller.tenant_id, "user": caller.user_id}


async def _find(connection: Connection, caller: Caller, key_id: UUID) -> KeyOut:
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM api_keys WHERE key_id = %(id)s AND {_SEEN} FOR UPDATE",
        _seen_by(caller) | {"id": key_id},
    )
    row = await cursor.fetchone()
    if row is None:
        raise not_found("Key")
    return KeyOut(**row)


async def _noted(
    connection: Connection, caller: Caller, what: str, key: KeyOut | NewKey, meta: Mapping[str, JsonValue] | None = None
) -> None:
    named = {"key_id": str(key.key_id), **(meta or {})}
    await note(connection, caller, key.tenant_id, what, named, user_id=key.user_id)


async def _revoke(connection: Connection, key_id: UUID) -> None:
    await connection.execute("UPDATE api_keys SET is_active = false WHERE key_id = %s", (key_id,))
    await connection.execute(f"NOTIFY {CHANNEL}")


async def _insert(connection: Connection, owner: Scope, name: str, expires_at: datetime | None) -> NewKey:
    raw = f"sk-{secrets.token_hex(16)}"
    cursor = await connection.execute(
        "INSERT INTO api_keys (key_id, tenant_id, user_id, name, key_hash, key_prefix, expires_at)"
        f" VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING {_COLUMNS}",
        (
            uuid4(),
            owner.tenant_id,
            owner.user_id,
            name,
            hashlib.sha256(raw.encode()).digest(),
            raw[:_PREFIX_LENGTH],
            expires_at,
        ),
    )
    row = await cursor.fetchone()
    if row is None:
        raise RuntimeError("an inserted key has a row")
    return NewKey(raw_key=raw, **row)
