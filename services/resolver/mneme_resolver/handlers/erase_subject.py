"""``subject.erase``: everything of one user goes, and a receipt names every store (guarantee 11, S1-37)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mneme_common.contracts.erasures import ErasureRegister, SubjectErased
from mneme_common.contracts.jobs import EraseSubject, Job
from mneme_common.contracts.topics import RETENTION_MS, all_topic_names, is_compacted
from mneme_common.domain.failures import DependencyError
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.vectors import Scope, VectorErasure
from mneme_common.runtime.job_delivery import Emit
from mneme_resolver.ports import Erasure, Erasures

_LATE_AFTER_SECONDS = 1.0
_LOOKS_MAX = 30
_CLEAN_LOOKS = 2


@dataclass(frozen=True, slots=True)
class EraseSubjects:
    """Doing it twice finds nothing more to erase."""

    erasures: Erasures
    vectors: VectorErasure
    vector_store: str
    backup_days: int
    register: ErasureRegister | None = None

    async def __call__(self, job: Job, _emit: Emit, /) -> Mapping[str, JsonValue]:
        """The receipt."""
        if not isinstance(job.data, EraseSubject):
            raise TypeError("subject.erase carries EraseSubject")
        return await self.everything(job.tenant_id, job.data.user_id, job.job_id)

    async def everything(
        self, tenant_id: str, user_id: str, request_id: UUID, erased_at: datetime | None = None
    ) -> Mapping[str, JsonValue]:
        """Looks again until nothing is found twice in a row: another stage may have had work in hand.

        ``erased_at`` is when the user was erased before, if he was; else the erasure is registered.
        """
        scope = Scope(tenant_id, user_id)
        erased = await self.erasures.erase(tenant_id, user_id, request_id, erased_at)
        if self.register is not None and erased_at is None:
            await self.register.record(
                SubjectErased(tenant_id=tenant_id, user_id=user_id, request_id=request_id, erased_at=erased.erased_at)
            )
        rows = dict(erased.rows)
        points = await self.vectors.erase(scope, erased.position)
        clean = 0
        for _ in range(_LOOKS_MAX):
            await asyncio.sleep(_LATE_AFTER_SECONDS)
            erased = await self.erasures.erase(tenant_id, user_id, request_id, erased_at)
            late = erased.rows
            late_points = await self.vectors.erase(scope, erased.position)
            rows = {table: rows.get(table, 0) + late.get(table, 0) for table in {**rows, **late}}
            points += late_points
            clean = 0 if late_points or any(late.values()) else clean + 1
            if clean == _CLEAN_LOOKS:
                return self._receipt(user_id, erased, rows, points)
        raise DependencyError("the stages still write of the erased user")

    def _receipt(self, user_id: str, erased: Erasure, rows: Mapping[str, int], points: int) -> Mapping[str, JsonValue]:
        return {
            "user_id": user_id,
            "erased_at": erased.erased_at.isoformat(),
            "position": erased.position,
            "key": "destroyed",
            "verified": True,
            "tables": dict(sorted(rows.items())),
            "vectors": {
                "store": self.vector_store,
                "points": points + rows.get("vectors", 0),
                "indexes": list(erased.indexes),
            },
            "gateway_indexes": "dropped at once, with the words they had learnt; looked at again at each search",
            "topics": _topics(erased.erased_at),
            "backups": {"expire_at": (erased.erased_at + timedelta(days=self.backup_days)).isoformat()},
            "register": None if self.register is None else self.register.name,
            "kept": ["heads, ledger, audit_events: ids, times and positions", "api_keys: until they are revoked"],
        }


def _topics(erased_at: datetime) -> list[JsonValue]:
    """Records of before the erasure leave the topics with their retention, dead-letter topics included."""
    expires = (erased_at + timedelta(milliseconds=RETENTION_MS)).isoformat()
    return [{"topic": name, "expire_at": expires} for name in all_topic_names() if not is_compacted(name)]
