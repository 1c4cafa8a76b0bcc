"""Issuing commands and waiting for what the resolver makes of them: a page at a time.

A job is over when its commands are applied, so it never has more than a page of them on the log: a run over a million
messages cannot push everybody else's writes past their wait, and its result counts what happened.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mneme_common.contracts.codec import encode
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import COMMANDS
from mneme_common.telemetry.tracing import continue_trace
from mneme_retention.decide.commands import RetentionCommand
from mneme_retention.ports import Clock, Ledger

_SOURCE = "mneme/retention"
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

    async def __call__(
        self,
        tenant_id: str,
        commands: Sequence[RetentionCommand],
        emit: Callable[[Sequence[OutgoingRecord]], Awaitable[None]],
    ) -> Tally:
        """What became of them. Waits as long as the resolver is away; issuing the same again changes nothing."""
        if not commands:
            return Tally()
        await emit([self._record(tenant_id, command) for command in commands])
        open_ = {command.event_id: command for command in commands}
        tally, pause = Tally(), _FIRST_LOOK
        while open_:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _SLOWEST_LOOK)
            for event_id, outcome in (await self.ledger.outcomes(tenant_id, list(open_))).items():
                command = open_.pop(event_id)
                applied = int(outcome.get("applied", 0))
                tally += Tally(applied, command.size - applied)
        return tally

    def _record(self, tenant_id: str, command: RetentionCommand) -> OutgoingRecord:
        body = command.data.model_dump_json(exclude_none=True).encode()
        attributes = Attributes(
            id=command.event_id.hex,
            type="retention.apply",
            source=_SOURCE,
            time=self.clock(),
            request_hash=hashlib.sha256(body).hexdigest(),
            traceparent=continue_trace(None),
        )
        return encode(COMMANDS, tenant_id, command.user_id, attributes, command.data)
