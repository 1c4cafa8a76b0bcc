"""What a backfill goes by: memories of an earlier version of their class, and the commands that renew them (S1-48)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mneme_common.contracts.record_commands import ApplySchema
from mneme_common.domain.identifiers import digest


@dataclass(frozen=True, slots=True)
class Outdated:
    """Memories of one user and class."""

    memory_class: str
    memory_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """Memories that were renewed, and those of them that stand now beside another one of the same identity."""

    memories: int = 0
    collisions: int = 0

    def __add__(self, other: Gone) -> Gone:
        return Gone(self.memories + other.memories, self.collisions + other.collisions)


def schema_command(tenant_id: str, user_id: str, job_id: UUID, outdated: Outdated) -> tuple[UUID, ApplySchema]:
    """The command and its event id, the same for the same memories: issuing it again changes nothing."""
    ids = [memory_id.bytes for memory_id in outdated.memory_ids]
    named = digest("schema applies", tenant_id, user_id, job_id.bytes, outdated.memory_class, *ids)
    data = ApplySchema(memory_class=outdated.memory_class, memory_ids=list(outdated.memory_ids), job_id=str(job_id))
    return UUID(bytes=named[:16]), data
