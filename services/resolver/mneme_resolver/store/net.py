"""Net effects of a batch: a row that was added and closed within it is inserted closed, and never updated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from mneme_common.domain.records import Memory, Message
from mneme_resolver.decide.effects import ClosedMemory, ClosedMessage, Effects


@dataclass(slots=True)
class NetEffects:
    """What is left to write of many effects, each row once."""

    messages: dict[tuple[UUID, int], Message] = field(default_factory=dict)
    memories: dict[UUID, Memory] = field(default_factory=dict)
    closed_messages: list[tuple[str, ClosedMessage]] = field(default_factory=list)
    closed_memories: list[tuple[str, ClosedMemory]] = field(default_factory=list)

    def add(self, tenant_id: str, effects: Effects) -> None:
        """Takes in the effects of one event; events come in order."""
        for message in effects.messages:
            self.messages[message.message_id, message.revision] = message
        for memory in effects.memories:
            self.memories[memory.memory_id] = memory
        for closed_message in effects.closed_messages:
            self._close_message(tenant_id, closed_message)
        for closed_memory in effects.closed_memories:
            self._close_memory(tenant_id, closed_memory)

    def _close_message(self, tenant_id: str, closing: ClosedMessage) -> None:
        key = closing.message_id, closing.revision
        if key in self.messages:
            self.messages[key] = replace(self.messages[key], to_seq=closing.to_seq)
        else:
            self.closed_messages.append((tenant_id, closing))

    def _close_memory(self, tenant_id: str, closing: ClosedMemory) -> None:
        added = self.memories.get(closing.memory_id)
        if added is None:
            self.closed_memories.append((tenant_id, closing))
            return
        self.memories[closing.memory_id] = replace(
            added, to_seq=closing.to_seq, status=closing.status, superseded_by=closing.superseded_by
        )


def net(effects: Sequence[tuple[str, Effects]]) -> NetEffects:
    """The net effects of (tenant, effects), in order."""
    whole = NetEffects()
    for tenant_id, part in effects:
        whole.add(tenant_id, part)
    return whole
