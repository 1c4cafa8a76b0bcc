"""What an extraction asked for anew finds, against what is live: the same, added, changed, removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mneme_common.contracts.commands import Proposal, ProposeMemories
from mneme_common.domain.metadata import JsonValue
from mneme_extractor.decide.memory_classes import CLASSES

Identity = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiveMemory:
    """A memory as it stands. ``extracted`` says that an extractor made it; others are left alone."""

    memory_id: UUID
    memory_class: str
    values: Mapping[str, JsonValue]
    namespace: str | None
    extracted: bool
    from_seq: int


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """What a run found in one message; ``read_at`` is how far the user's ledger was then."""

    position: int
    read_at: int
    namespace: str | None
    proposed: ProposeMemories


@dataclass(slots=True)
class Comparison:
    """``taken`` are the proposals that accepting the run brings, by message; ``removed`` the memories that it ends.

    ``newer`` were written after the run had read, ``kept`` by somebody's own hand: neither is touched.
    """

    same: list[UUID] = field(default_factory=list)
    added: list[tuple[UUID, str]] = field(default_factory=list)
    changed: list[UUID] = field(default_factory=list)
    removed: list[UUID] = field(default_factory=list)
    kept: list[UUID] = field(default_factory=list)
    newer: list[UUID] = field(default_factory=list)
    taken: dict[UUID, list[Proposal]] = field(default_factory=dict)


def compare(read: Sequence[ReadMessage], live: Iterable[LiveMemory]) -> Comparison:
    """The run's messages in order, the last word for each identity, against the live memories of the user.

    Records of a tenant's own classes are never ended here: what identifies them is for the resolver to say.
    """
    found = _last_words(read)
    read_until = max((message.read_at for message in read), default=0)
    comparison = Comparison(taken={message.proposed.source_event_id: [] for message in read})
    for memory in live:
        if memory.memory_class not in CLASSES:
            continue
        _compare_memory(memory, found.pop(_identity(memory.memory_class, memory.values, memory.namespace), None),
                        read_until, comparison)  # fmt: skip
    for message, proposal in found.values():
        comparison.added.append((message.proposed.message_id, proposal.memory_class))
        comparison.taken[message.proposed.source_event_id].append(proposal)
    return comparison


def _compare_memory(
    memory: LiveMemory, found: tuple[ReadMessage, Proposal] | None, read_until: int, comparison: Comparison
) -> None:
    if not memory.extracted:
        if found is not None:
            comparison.kept.append(memory.memory_id)
    elif memory.from_seq > read_until:
        comparison.newer.append(memory.memory_id)
    elif found is None:
        comparison.removed.append(memory.memory_id)
    elif _given(found[1].values) == _given(memory.values):
        comparison.same.append(memory.memory_id)
    else:
        comparison.changed.append(memory.memory_id)
        comparison.taken[found[0].proposed.source_event_id].append(found[1])


def _last_words(read: Sequence[ReadMessage]) -> dict[Identity, tuple[ReadMessage, Proposal]]:
    """What holds at the end, by what it is about; what was asked to be forgotten holds no more."""
    held: dict[Identity, tuple[ReadMessage, Proposal]] = {}
    for message in sorted(read, key=lambda message: message.position):
        for proposal in message.proposed.proposals:
            identity = _identity(proposal.memory_class, proposal.values, message.namespace)
            held.pop(identity, None)
            if proposal.action == "create":
                held[identity] = message, proposal
    return held


def _identity(memory_class: str, values: Mapping[str, JsonValue], namespace: str | None) -> Identity:
    known = CLASSES.get(memory_class)
    fields = sorted(values) if known is None else ["subject", *known.identity]
    named = [" ".join(str(values.get(name) or "").lower().split()) for name in fields]
    return (namespace or "", memory_class, *named)


def _given(values: Mapping[str, JsonValue]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value not in (None, "")}
