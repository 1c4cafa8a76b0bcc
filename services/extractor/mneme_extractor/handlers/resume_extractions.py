"""Messages that wait: tried again once they are due → emit what would have been emitted then, in each user's order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from mneme_common.contracts.codec import encode
from mneme_common.contracts.dead_letters import DeadLetterStore, Record
from mneme_common.contracts.envelope import Attributes
from mneme_common.contracts.topics import CHANGES, Stage
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.model_waiting import PostponedError
from mneme_common.domain.subject import Subject
from mneme_common.runtime.burial import letter_of, mirror_of
from mneme_common.runtime.failure_policy import ATTEMPTS_ALONE, Failure, classify, delay, reason_of
from mneme_common.runtime.job_delivery import Emit
from mneme_extractor.commanding import SOURCE, proposals_record
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.decide.postponement import PostponedMessage
from mneme_extractor.ports import Clock, Extractor, Meter, WaitingRoom

_LOOK_EVERY_SECONDS = 1.0
_COUNT_EVERY_SECONDS = 2.0


@dataclass(slots=True)
class ResumeExtractions:
    """Users side by side, each user's messages in order. A tenant that has to wait again is left alone until then.

    ``look`` counts what waits. ``lease_seconds`` is longer than reading one message can take; a worker that dies
    leaves its users for so long.
    """

    extractor: Extractor
    room: WaitingRoom
    letters: DeadLetterStore
    meter: Meter
    clock: Clock
    look: Callable[[], Awaitable[None]]
    users_at_once: int = 8
    lease_seconds: float = 600.0
    _looked: float = field(default=float("-inf"), init=False)
    _held: dict[str, float] = field(default_factory=dict, init=False)
    _failures: dict[UUID, int] = field(default_factory=dict, init=False)

    async def __call__(self, emit: Emit) -> None:
        """Goes on until it is cancelled; a dependency that is away costs a look."""
        attempt = 0
        while True:
            try:
                busy = await self.once(emit)
                attempt = 0
            except Exception as error:
                attempt += 1
                busy = False
                log = structlog.get_logger("mneme.extractor")
                if classify(error) is Failure.DEPENDENCY:
                    log.info("waiting for a dependency", doing="resume", attempt=attempt, error=type(error).__name__)
                else:
                    log.exception("resuming failed", attempt=attempt)
            if not busy:
                await asyncio.sleep(delay(attempt) if attempt else _LOOK_EVERY_SECONDS)

    async def once(self, emit: Emit) -> bool:
        """Whether anybody was due."""
        now = time.monotonic()
        if now - self._looked > _COUNT_EVERY_SECONDS:
            await self.look()
            self._looked = now
        self._held = {tenant_id: until for tenant_id, until in self._held.items() if until > now}
        subjects = await self.room.claim(self.users_at_once, self.lease_seconds, sorted(self._held))
        async with asyncio.TaskGroup() as group:
            for subject in subjects:
                group.create_task(self._resume(subject, emit))
        return bool(subjects)

    async def _resume(self, subject: Subject, emit: Emit) -> None:
        while (message := await self.room.first(subject, SCHEMA_VERSION)) is not None:
            try:
                await self._read(message, emit)
            except PostponedError as error:
                self._held[subject.tenant_id] = time.monotonic() + error.seconds
                await self.room.put_off(subject, error.seconds, error.reason)
                return
            except PermanentError as error:
                await self._bury(message, error, emit)
            except Exception as error:
                if classify(error) is Failure.DEPENDENCY:
                    raise
                if not await self._gave_up(message, error, emit):
                    await self.room.put_off(subject, delay(self._failures[message.event_id]))
                    return
            await self.room.done(message)
            await self.room.put_off(subject, self.lease_seconds)

    async def _read(self, message: PostponedMessage, emit: Emit) -> None:
        """What is gone has nothing in it; what has been extracted needs nothing more."""
        if message.recorded is None or message.extracted:
            return
        started = time.perf_counter()
        extraction = await self.extractor.extract(message.recorded, message.subject)
        self.meter.extracted(extraction, time.perf_counter() - started)
        await emit([proposals_record(message.subject, message.recorded, extraction, message.traceparent, self.clock)])

    async def _gave_up(self, message: PostponedMessage, error: Exception, emit: Emit) -> bool:
        failures = self._failures.get(message.event_id, 0) + 1
        self._failures[message.event_id] = failures
        if failures < ATTEMPTS_ALONE:
            return False
        del self._failures[message.event_id]
        await self._bury(message, error, emit)
        return True

    async def _bury(self, message: PostponedMessage, error: Exception, emit: Emit) -> None:
        """Among the dead letters, as the record on the log that it was; a re-drive sends it there again."""
        if message.recorded is None:
            return
        reason, detail = reason_of(error)
        self.meter.rejected(reason)
        letter = letter_of(self._record(message), Stage.EXTRACTOR.value, reason, detail, attempts=1)
        await self.letters.bury([letter])
        await emit([mirror_of(letter)])

    def _record(self, message: PostponedMessage) -> Record:
        assert message.recorded is not None  # noqa: S101  (only what has words is read)
        subject, event = message.subject, message.event_id
        attributes = Attributes(event.hex, "message.recorded", SOURCE, self.clock(), traceparent=message.traceparent)
        sent = encode(CHANGES, subject.tenant_id, subject.user_id, attributes, message.recorded)
        return Record(f"postponed.{event.hex}", CHANGES, 0, 0, 0, sent.key, sent.value, sent.headers)
