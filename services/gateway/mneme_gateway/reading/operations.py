"""Operations: ledger rows as their writers see them."""

from __future__ import annotations

from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Database
from mneme_gateway.schemas.operations import OperationOut
from mneme_gateway.writing.operations import OperationIds

_LINKED = {"message_id": ("message", "/v1/messages/"), "memory_id": ("memory", "/v1/memories/")}
_DELETED = 204
_INTERNAL = ("changes",)


class OperationReader:
    """Reads what became of a write."""

    def __init__(self, database: Database, ids: OperationIds) -> None:
        self._database = database
        self._ids = ids

    async def get(self, scope: Scope, operation_id: str) -> OperationOut:
        """The operation, pending while the ledger does not know its event; raises ApiError 404 for a made-up id."""
        event_id = self._ids.event_id(scope, operation_id)
        links = {"self": self._ids.url(scope, event_id)}
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(
                "SELECT event_type, status, outcome, decision, seq, applied_at FROM ledger"
                " WHERE event_id = %s AND tenant_id || '' = %s AND user_id || '' = %s",
                (event_id, scope.tenant_id, scope.user_id),
            )
            row = await cursor.fetchone()
        if row is None:
            return OperationOut(operation_id=operation_id, status="pending", links=links)
        outcome = {name: value for name, value in row["outcome"].items() if name not in _INTERNAL}
        return OperationOut(
            operation_id=operation_id,
            status=row["status"],
            type=row["event_type"],
            outcome=outcome,
            decision=row["decision"],
            position=row["seq"],
            applied_at=row["applied_at"],
            links=links | _links(outcome),
        )


def _links(outcome: dict[str, object]) -> dict[str, str]:
    if outcome.get("status") == _DELETED:
        return {}
    return {name: f"{path}{outcome[key]}" for key, (name, path) in _LINKED.items() if outcome.get(key)}
