"""Erasing a data subject in PostgreSQL: under the lock of its head, in one transaction, with a row in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from mneme_common.adapters.postgres import Connection, Database, insert_rows
from mneme_common.contracts.erasures import SubjectErased
from mneme_common.domain.clock import transaction_time
from mneme_resolver.decide.decision import DECIDER_VERSION
from mneme_resolver.ports import Clock
from mneme_resolver.store import ledger

_MISSING = """
SELECT w.place FROM unnest(%s::text[], %s::text[], %s::timestamptz[]) WITH ORDINALITY
    AS w (tenant_id, user_id, erased_at, place)
LEFT JOIN heads h ON h.tenant_id = w.tenant_id AND h.user_id = w.user_id
WHERE h.erased_at IS NULL OR h.erased_at < w.erased_at ORDER BY w.place
"""
_FOUND = "SELECT head_seq, erased_seq, erased_at FROM heads WHERE tenant_id = %s AND user_id = %s"


@dataclass(frozen=True, slots=True)
class Erased:
    """Where the erasure stands in the user's ledger, how many rows of each table it took, which indexes there are."""

    position: int
    erased_at: datetime
    rows: dict[str, int]
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectErasure:
    """Destroys the key, deletes every row of the user, and leaves tombstones in the ledger."""

    database: Database
    clock: Clock

    async def erase(self, tenant_id: str, user_id: str, job_id: UUID, erased_at: datetime | None = None) -> Erased:
        """Once for each job: doing it again only deletes what has come late."""
        async with self.database.transaction([tenant_id]) as connection:
            states = await ledger.lock_heads(connection, [(tenant_id, user_id)])
            state = states[tenant_id, user_id]
            cursor = await connection.execute(
                "SELECT seq, applied_at FROM ledger WHERE tenant_id = %s AND event_id = %s", (tenant_id, job_id)
            )
            done = await cursor.fetchone()
            if done is not None:
                late = await self._late(connection, tenant_id, user_id)
                return Erased(done["seq"], done["applied_at"], late, await _indexes(connection))
            seq, time = state.head_seq + 1, transaction_time(self.clock(), state.head_time)
            rows = await _erase(connection, tenant_id, user_id)
            await insert_rows(connection, "ledger", [_tombstone(tenant_id, user_id, job_id, seq, time)])
            await connection.execute(
                "UPDATE heads SET head_seq = %(seq)s, head_time = %(time)s, emitted_seq = %(seq)s,"
                " erased_seq = %(seq)s, erased_at = %(erased)s WHERE tenant_id = %(tenant)s AND user_id = %(user)s",
                {"seq": seq, "time": time, "erased": erased_at or time, "tenant": tenant_id, "user": user_id},
            )
            reason = "RESTORED" if erased_at is not None else None
            meta = Jsonb({"job_id": str(job_id), "rows": rows})
            await connection.execute(
                "INSERT INTO audit_events (tenant_id, user_id, event_type, actor, reason_code, meta)"
                " VALUES (%s, %s, 'SUBJECT_ERASED', 'mneme/resolver', %s, %s)",
                (tenant_id, user_id, reason, meta),
            )
            await connection.execute("NOTIFY mneme_erased")
            indexes = await _indexes(connection)
        return Erased(seq, erased_at or time, rows, indexes)

    async def missing(self, erasures: Sequence[SubjectErased]) -> list[SubjectErased]:
        """The erasures that this database, restored perhaps, knows nothing of."""
        columns = (
            [erasure.tenant_id for erasure in erasures],
            [erasure.user_id for erasure in erasures],
            [erasure.erased_at for erasure in erasures],
        )
        async with self.database.transaction(operator=True) as connection:
            rows = await (await connection.execute(_MISSING, columns)).fetchall()
        return [erasures[row["place"] - 1] for row in rows]

    async def _late(self, connection: Connection, tenant_id: str, user_id: str) -> dict[str, int]:
        """What other stages wrote of the erased user since; nothing of what he has written anew."""
        cursor = await connection.execute(_FOUND, (tenant_id, user_id))
        head = await cursor.fetchone()
        if head is not None and head["head_seq"] == head["erased_seq"]:
            return await _erase(connection, tenant_id, user_id)
        position = 0 if head is None else head["erased_seq"]
        cursor = await connection.execute(
            "DELETE FROM vectors WHERE tenant_id = %s AND user_id = %s AND from_seq <= %s",
            (tenant_id, user_id, position),
        )
        return {"vectors": cursor.rowcount}


async def _erase(connection: Connection, tenant_id: str, user_id: str) -> dict[str, int]:
    cursor = await connection.execute("SELECT erase_subject(%s, %s) AS rows", (tenant_id, user_id))
    row = await cursor.fetchone()
    return {} if row is None else dict(row["rows"])


async def _indexes(connection: Connection) -> tuple[str, ...]:
    """The models whose vectors are kept: of the index that serves, and of one that is being filled beside it."""
    cursor = await connection.execute("SELECT model FROM vector_indexes WHERE state <> 'dropped' ORDER BY model")
    return tuple(row["model"] for row in await cursor.fetchall())


def _tombstone(tenant_id: str, user_id: str, job_id: UUID, seq: int, time: datetime) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "event_id": job_id,
        "user_id": user_id,
        "seq": seq,
        "event_type": "subject.erase",
        "type_version": 1,
        "source": "mneme/resolver",
        "status": "applied",
        "request_hash": "",
        "payload": b"",
        "decision": {},
        "decider_version": DECIDER_VERSION,
        "outcome": {"status": 200, "changes": []},
        "traceparent": None,
        "applied_at": time,
    }
