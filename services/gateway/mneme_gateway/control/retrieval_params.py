"""Retrieval parameters of tenants: versions that are only added, each change on the audit trail."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from mneme_common.domain.metadata import JsonValue
from mneme_gateway.auth.caller import Caller
from mneme_gateway.control.audit import note
from mneme_gateway.decide.ranking_feedback import FEEDBACK_WEIGHT, tuned_weight
from mneme_gateway.decide.retrieval_params import DEFAULT_WEIGHTS, RetrievalParams
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.retrieval_params import RetrievalParamsIn, RetrievalParamsOut, TunedOut
from mneme_gateway.search.feedback import CHANNEL

_TRUST_SECONDS = 30.0
_COLUMNS = "tenant_id, version, feedback_weight, weights, created_at"
_LATEST = f"SELECT {_COLUMNS} FROM retrieval_params WHERE tenant_id = %s ORDER BY version DESC LIMIT 1"
_LATEST_OF_ALL = f"SELECT DISTINCT ON (tenant_id) {_COLUMNS} FROM retrieval_params ORDER BY tenant_id, version DESC"
# Two changes at once: the second waits for the first and builds on it.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('retrieval_params ' || %s, 0))"
_ADD = "INSERT INTO retrieval_params (tenant_id, version, feedback_weight, weights) VALUES (%s, %s, %s, %s)"
_SIGNALS = "SELECT signal, count(*) AS count FROM feedback WHERE tenant_id = %s GROUP BY signal"
_NO_SIGNALS = dict.fromkeys(("useful", "irrelevant", "outdated", "wrong"), 0)


class RetrievalParameters:
    """The parameters of all tenants that have set some; a notification that is missed costs half a minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, RetrievalParams] = {}
        self._until = 0.0
        self._forgotten = 0

    def forget(self) -> None:
        """They are read again before the next search."""
        self._until = 0.0
        self._forgotten += 1

    async def of(self, tenant_id: str) -> RetrievalParams:
        """Those that a search of the tenant uses."""
        if time.monotonic() >= self._until:
            until, before = time.monotonic() + _TRUST_SECONDS, self._forgotten
            async with self._database.transaction(operator=True) as connection:
                rows = await (await connection.execute(_LATEST_OF_ALL)).fetchall()
            self._known = {row["tenant_id"]: _params(row) for row in rows}
            if before == self._forgotten:
                self._until = until
        return self._known.get(tenant_id, RetrievalParams())

    async def get(self, tenant_id: str) -> RetrievalParamsOut:
        """The parameters in force."""
        async with self._database.transaction([tenant_id]) as connection:
            return _described(tenant_id, await _latest(connection, tenant_id))

    async def change(self, caller: Caller, tenant_id: str, change: RetrievalParamsIn) -> RetrievalParamsOut:
        """Adds a version with what is named changed; every gateway is told."""
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(_LOCK, (tenant_id,))
            row = await _latest(connection, tenant_id)
            changed = await _add(connection, caller, tenant_id, row, change.feedback_weight, change.weights)
        self.forget()
        return changed

    async def tune(self, caller: Caller, tenant_id: str, feedback_weight: float | None) -> TunedOut:
        """Sets the weight of feedback, or lets the tenant's feedback so far set it (S4-46)."""
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(_LOCK, (tenant_id,))
            row = await _latest(connection, tenant_id)
            old = _described(tenant_id, row)
            signals = await (await connection.execute(_SIGNALS, (tenant_id,))).fetchall()
            counts = _NO_SIGNALS | {found["signal"]: found["count"] for found in signals}
            weight = feedback_weight or tuned_weight(old.feedback_weight, counts)
            if weight is None or (feedback_weight is None and weight == old.feedback_weight):
                message = "There is too little feedback." if weight is None else "The feedback speaks for no change."
                return TunedOut(tuned=False, message=message, old_params=old, new_params=old)
            changed = await _add(connection, caller, tenant_id, row, weight, None)
        self.forget()
        return TunedOut(tuned=True, message="The weight of feedback was set.", old_params=old, new_params=changed)


async def _latest(connection: Connection, tenant_id: str) -> Mapping[str, Any] | None:
    return await (await connection.execute(_LATEST, (tenant_id,))).fetchone()


async def _add(
    connection: Connection,
    caller: Caller,
    tenant_id: str,
    row: Mapping[str, Any] | None,
    feedback_weight: float | None,
    weights: Mapping[str, float] | None,
) -> RetrievalParamsOut:
    before = RetrievalParams() if row is None else _params(row)
    weight = before.feedback_weight if feedback_weight is None else feedback_weight
    kept = dict(before.weights if weights is None else weights)
    await connection.execute(_ADD, (tenant_id, before.version + 1, weight, Jsonb(kept)))
    meta: dict[str, JsonValue] = {"version": before.version + 1, "feedback_weight": weight, "weights": {**kept}}
    await note(connection, caller, tenant_id, "RETRIEVAL_PARAMS_CHANGED", meta)
    await connection.execute(f"NOTIFY {CHANNEL}")
    return _described(tenant_id, await _latest(connection, tenant_id))


def _params(row: Mapping[str, Any]) -> RetrievalParams:
    """A component that an earlier release knew and this one does not is left out."""
    weights = {name: float(value) for name, value in row["weights"].items() if name in DEFAULT_WEIGHTS}
    return RetrievalParams(row["version"], row["feedback_weight"], weights)


def _described(tenant_id: str, row: Mapping[str, Any] | None) -> RetrievalParamsOut:
    params = RetrievalParams(feedback_weight=FEEDBACK_WEIGHT) if row is None else _params(row)
    return RetrievalParamsOut(
        tenant_id=tenant_id,
        version=params.version,
        feedback_weight=params.feedback_weight,
        weights={**DEFAULT_WEIGHTS, **params.weights},
        changed=dict(params.weights),
        updated_at=None if row is None else row["created_at"],
    )
