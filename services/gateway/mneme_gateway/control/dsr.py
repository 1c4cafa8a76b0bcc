"""Requests of data subjects: erasures as jobs, exports read at once, all on the audit trail (S1-37, S0-31)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from mneme_common.domain.metadata import JsonValue
from mneme_gateway.auth.caller import Caller, Scope
from mneme_gateway.control.audit import note
from mneme_gateway.control.jobs import JobDesk
from mneme_gateway.control.rectification import Rectifications
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.dsr import SubjectExport, SubjectRequestOut
from mneme_gateway.schemas.operator import JobOut

ERASE = "subject.erase"
_OWN = "WHERE tenant_id = %(tenant)s AND user_id = %(user)s"
_EXPORTED = {
    "messages": f"SELECT * FROM messages {_OWN} AND from_seq <= %(position)s ORDER BY from_seq, message_id, revision",
    "memories": f"SELECT * FROM memories {_OWN} AND from_seq <= %(position)s ORDER BY from_seq, memory_id",
    "extractions": f"SELECT * FROM extractions {_OWN} AND seq <= %(position)s ORDER BY seq",
    "events": f"SELECT event_id, seq, event_type, source, status, decision, outcome, applied_at FROM ledger {_OWN}"
    " AND seq <= %(position)s ORDER BY seq",
    "feedback": f"SELECT feedback_id, kind, record_id, signal, context, created_at FROM feedback {_OWN}"
    " ORDER BY created_at, feedback_id",
    "api_keys": f"SELECT key_id, name, key_prefix, is_active, created_at, expires_at, last_used_at FROM api_keys {_OWN}"
    " ORDER BY created_at, key_id",
    "audit_events": f"SELECT event_id, event_type, actor, reason_code, meta, happened_at FROM audit_events {_OWN}"
    " ORDER BY happened_at, event_id",
}


class SubjectRequests:
    """Asks for erasures, exports what is there, and tells how far requests have come."""

    def __init__(self, database: Database, jobs: JobDesk) -> None:
        self._database = database
        self._jobs = jobs
        self.rectifications = Rectifications(database)

    async def erase(self, caller: Caller, scope: Scope, wait_seconds: float) -> SubjectRequestOut:
        """The request, as far as it has come when the time is over."""
        job_id = await self._jobs.ask(scope.tenant_id, ERASE, {"user_id": scope.user_id})
        async with self._database.transaction([scope.tenant_id]) as connection:
            meta: dict[str, JsonValue] = {"job_id": str(job_id)}
            await note(connection, caller, scope.tenant_id, "SUBJECT_ERASURE_REQUESTED", meta, user_id=scope.user_id)
        return _described(await self._jobs.settled(job_id, wait_seconds))

    async def get(self, caller: Caller, request_id: UUID) -> SubjectRequestOut:
        """A request of the caller's; raises ApiError 404 for anybody else's."""
        rectification = await self.rectifications.get(caller, request_id)
        if rectification is not None:
            return rectification
        job = await self._jobs.get(request_id)
        if job.kind != ERASE:
            raise not_found("Request")
        owner = (job.tenant_id, job.parameters["user_id"])
        if not caller.is_master and owner != (caller.tenant_id, caller.user_id):
            raise not_found("Request")
        return _described(job)

    async def export(self, caller: Caller, scope: Scope) -> SubjectExport:
        """Everything of the user that was recorded up to now, in all versions."""
        own: dict[str, object] = {"tenant": scope.tenant_id, "user": scope.user_id}
        async with self._database.transaction([scope.tenant_id]) as connection:
            await note(connection, caller, scope.tenant_id, "SUBJECT_EXPORTED", {}, user_id=scope.user_id)
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(
                "SELECT now() AS exported_at, coalesce((SELECT max(head_seq) FROM heads WHERE tenant_id = %(tenant)s"
                " AND user_id = %(user)s), 0) AS position",
                own,
            )
            (moment,) = await cursor.fetchall()
            own |= {"position": moment["position"]}
            parts = {name: await _rows(connection, statement, own) for name, statement in _EXPORTED.items()}
        return SubjectExport(tenant_id=scope.tenant_id, user_id=scope.user_id, **moment, **parts)


async def _rows(connection: Connection, statement: str, own: Mapping[str, object]) -> list[dict[str, Any]]:
    return await (await connection.execute(statement.encode(), own)).fetchall()


def _described(job: JobOut) -> SubjectRequestOut:
    return SubjectRequestOut.model_validate(
        {
            "id": job.job_id,
            "kind": "erase",
            "status": job.status,
            "tenant_id": job.tenant_id,
            "user_id": job.parameters["user_id"],
            "requested_at": job.requested_at,
            "finished_at": job.finished_at,
            "receipt": job.result,
            "error": job.error,
        }
    )
