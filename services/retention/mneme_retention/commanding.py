"""Issuing commands and waiting for what the resolver makes of them: a page at a time.

A job is over when its commands are applied, so it never has more than a page of them on the log: a run over a million
messages cannot push everybody else's writes past their wait, and its result counts what happened.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import ApplyRetention, DeleteMemory, EventData, StoreMemory
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.record_commands import ApplySchema
from mneme_common.contracts.topics import COMMANDS
from mneme_common.telemetry.tracing import continue_trace
from mneme_retention.decide.commands import RetentionCommand
from mneme_retention.ports import Clock, Ledger

Emit = Callable[[Sequence[OutgoingRecord]], Awaitable[None]]
Issued = ApplyRetention | StoreMemory | DeleteMemory | ApplySchema

_SOURCE = "mneme/retention"
_TYPES: Mapping[type[EventData], str] = {
    ApplyRetention: "retention.apply",
    StoreMemory: "memory.store",
    DeleteMemory: "memory.delete",
    ApplySchema: "schema.apply",
}
_FIRST_LOOK, _SLOWEST_LOOK = 0.05, 1.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Of the records that were asked for: how many were changed, and how many had changed meanwhile."""

    applied: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.applied + other.applied, self.skipped + other.skipped)


@dataclass(frozen=True, slots=True)
class Commanding:
    """Emits commands and waits until the ledger has them all."""

    ledger: Ledger
    clock: Clock

    async def __call__(self, tenant_id: str, commands: Sequence[RetentionCommand], emit: Emit) -> Tally:
        """What became of them. Waits as long as the resolver is away; issuing the same again changes nothing."""
        if not commands:
            return Tally()
        await emit([self._record(tenant_id, command.user_id, command.event_id, command.data) for command in commands])
        outcomes = await self._outcomes(tenant_id, [command.event_id for command in commands])
        tally = Tally()
        for command in commands:
            applied = int(outcomes[command.event_id].get("applied", 0))
            tally += Tally(applied, command.size - applied)
        return tally

    async def issue(
        self,
        tenant_id: str,
        user_id: str,
        commands: Mapping[UUID, StoreMemory | DeleteMemory | ApplySchema],
        emit: Emit,
    ) -> Mapping[UUID, Mapping[str, Any]]:
        """The outcomes of one user's commands, by their event ids; the same as for a call."""
        if not commands:
            return {}
        await emit([self._record(tenant_id, user_id, event_id, data) for event_id, data in commands.items()])
        return await self._outcomes(tenant_id, list(commands))

    async def _outcomes(self, tenant_id: str, events: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
        found: dict[UUID, Mapping[str, Any]] = {}
        pause = _FIRST_LOOK
        while missing := [event for event in events if event not in found]:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _SLOWEST_LOOK)
            found |= await self.ledger.outcomes(tenant_id, missing)
        return found

    def _record(self, tenant_id: str, user_id: str, event_id: UUID, data: Issued) -> OutgoingRecord:
        body = data.model_dump_json(exclude_none=True).encode()
        attributes = Attributes(
            id=event_id.hex,
            type=_TYPES[type(data)],
            source=_SOURCE,
            time=self.clock(),
            request_hash=hashlib.sha256(body).hexdigest(),
            traceparent=continue_trace(None),
        )
        return encode(COMMANDS, tenant_id, user_id, attributes, data)
