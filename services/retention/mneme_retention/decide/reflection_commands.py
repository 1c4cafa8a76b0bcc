"""Commands for what was reflected: memories that name their sources, and the end of those whose sources are gone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mneme_common.contracts.commands import DeleteMemory, StoreMemory
from mneme_common.domain.identifiers import digest
from mneme_common.domain.vocabulary import Kind, MemoryType, TrustTier
from mneme_retention.decide.reflection import Cluster, Reflection

SOURCE = "reflection"


@dataclass(frozen=True, slots=True)
class Distilled:
    """The text that a cluster came to; ``made_by`` names what made it, a model or the rules."""

    cluster: Cluster
    text: str
    made_by: str


def store_command(distilled: Distilled) -> StoreMemory:
    """A semantic memory of the lowest trust tier (S4-38); its sources stay, and it names the versions it rests on."""
    cluster = distilled.cluster
    return StoreMemory(
        content=distilled.text,
        kind=Kind.FACT,
        memory_type=MemoryType.SEMANTIC,
        key=cluster.key,
        tags=[SOURCE],
        namespace=cluster.namespace,
        trust_tier=TrustTier.T4,
        importance=cluster.importance,
        observed_at=max(node.created_at for node in cluster.members),
        source=f"{SOURCE}/{distilled.made_by}"[:128],
        source_memory_ids=[node.memory_id for node in cluster.members],
        extra_metadata={"topic": cluster.topic, "signal": cluster.signal},
    )


def end_command(reflection: Reflection) -> DeleteMemory:
    """What rests on something that is known no more is not known either."""
    return DeleteMemory(memory_id=reflection.memory_id, reason="a source of this reflection is known no more")


def command_id(tenant_id: str, user_id: str, job_id: UUID, data: StoreMemory | DeleteMemory) -> UUID:
    """A function of the job and of what is said: a job that is begun again issues the same command for the same."""
    return UUID(bytes=digest("reflection", tenant_id, user_id, job_id.bytes, data.model_dump_json())[:16])
