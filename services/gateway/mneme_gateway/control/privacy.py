"""Privacy policies: kept by tenant, known to every gateway, in force from the next write on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import psycopg
import structlog
from psycopg.types.json import Jsonb

from mneme_common.domain.privacy_policy import POLICY_COLUMNS, PrivacyPolicy, policy_of
from mneme_common.domain.scrubbing import Scrubber
from mneme_gateway.auth.caller import Caller
from mneme_gateway.control.audit import note
from mneme_gateway.errors import unavailable
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.privacy import PrivacyPolicyIn, PrivacyPolicyOut

CHANNEL = "mneme_privacy"
_TRUST_SECONDS = 5.0
_COLUMNS = f"{POLICY_COLUMNS}, updated_at"
_DEFAULT = PrivacyPolicy()


class PrivacyPolicies:
    """The policies of all tenants that have set one, read again when one changes and every few seconds."""

    def __init__(self, database: Database, pseudonym_key: bytes) -> None:
        self._database = database
        self._pseudonym_key = pseudonym_key
        self._known: dict[str, PrivacyPolicy] | None = None
        self._until = 0.0

    def forget(self) -> None:
        """The policies are read again before the next write."""
        self._until = 0.0

    async def scrubbers(self, tenant_ids: set[str]) -> dict[str, Scrubber]:
        """A scrubber for each tenant; raises ApiError 503 while it is not known what they want."""
        known = await self._policies()
        return {tenant: Scrubber(known.get(tenant, _DEFAULT), self._pseudonym_key) for tenant in tenant_ids}

    async def scrubber(self, tenant_id: str) -> Scrubber:
        """The same for one tenant."""
        return (await self.scrubbers({tenant_id}))[tenant_id]

    async def get(self, tenant_id: str) -> PrivacyPolicyOut:
        """The tenant's policy; version 0 while it has set none."""
        async with self._database.transaction([tenant_id]) as connection:
            row = await _row(connection, tenant_id)
        return _described(tenant_id, row)

    async def change(self, tenant_id: str, change: PrivacyPolicyIn, caller: Caller) -> PrivacyPolicyOut:
        """Replaces what is named of the policy; every gateway is told."""
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(
                "INSERT INTO privacy_policies (tenant_id, version) VALUES (%s, 0) ON CONFLICT DO NOTHING", (tenant_id,)
            )
            await connection.execute(
                "UPDATE privacy_policies SET version = version + 1, updated_at = now(), rules = coalesce(%s, rules),"
                " redacted_values = coalesce(%s::text[], redacted_values) WHERE tenant_id = %s",
                (
                    None if change.rules is None else Jsonb(change.stored_rules()),
                    None if change.redacted_values is None else sorted(set(change.redacted_values)),
                    tenant_id,
                ),
            )
            row = await _row(connection, tenant_id)
            await note(
                connection,
                caller,
                tenant_id,
                "PRIVACY_POLICY_CHANGED",
                {"version": row["version"] if row is not None else 0},
            )
            await connection.execute(f"NOTIFY {CHANNEL}")
        self.forget()
        return _described(tenant_id, row)

    async def _policies(self) -> Mapping[str, PrivacyPolicy]:
        if self._known is not None and time.monotonic() < self._until:
            return self._known
        try:
            async with self._database.transaction(operator=True) as connection:
                cursor = await connection.execute(f"SELECT {_COLUMNS} FROM privacy_policies")
                found = {row["tenant_id"]: policy_of(row) for row in await cursor.fetchall()}
        except psycopg.Error as error:
            if self._known is None:
                raise unavailable("The privacy policies cannot be read; nothing was written.") from error
            structlog.get_logger("mneme.gateway").info("privacy policies not read", error=type(error).__name__)
            return self._known
        self._known, self._until = found, time.monotonic() + _TRUST_SECONDS
        return found


async def _row(connection: Connection, tenant_id: str) -> Mapping[str, Any] | None:
    cursor = await connection.execute(f"SELECT {_COLUMNS} FROM privacy_policies WHERE tenant_id = %s", (tenant_id,))
    return await cursor.fetchone()


def _described(tenant_id: str, row: Mapping[str, Any] | None) -> PrivacyPolicyOut:
    policy = _DEFAULT if row is None else policy_of(row)
    return PrivacyPolicyOut.of(tenant_id, policy, None if row is None else row["updated_at"])
