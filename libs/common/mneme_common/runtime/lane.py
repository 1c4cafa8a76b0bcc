"""One lane: the records of one partition index in hand, from decoding to the offsets that may be committed.

Decode each on its own; apply the good ones in one go, one by one when that fails; emit; mark; bury the rest. Only what
this returns is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import structlog

from mneme_common.contracts.dead_letters import DeadLetter, DeadLetterStore, Record, Seal, redriven_letter, unsealed
from mneme_common.contracts.envelope import InvalidEventError, OutgoingRecord
from mneme_common.runtime.burial import letter_of, mirror_of
from mneme_common.runtime.failure_policy import (
    ATTEMPTS_ALONE,
    Failure,
    HaltPolicy,
    classify,
    delay,
    reason_of,
)
from mneme_common.runtime.stage import Applied, Checkpoint, Stage, Step
from mneme_common.telemetry.metrics import WorkerMetrics

E = TypeVar("E")
Produce = Callable[[Sequence[OutgoingRecord]], Awaitable[None]]


class AbandonedError(Exception):
    """The work in hand is dropped: the process stops, or the log has been replaced. Nothing is committed."""


@dataclass(slots=True)
class Patience:
    """What a lane waits with: how to be interrupted, and who is told that something needed is away."""

    abandon: asyncio.Event
    waiting: set[str] = field(default_factory=set)

    async def pause(self, seconds: float) -> None:
        """Waits, unless the work is abandoned meanwhile; raises AbandonedError then."""
        try:
            await asyncio.wait_for(self.abandon.wait(), seconds)
        except TimeoutError:
            return
        raise AbandonedError


@dataclass(frozen=True, slots=True)
class _Delivery(Generic[E]):
    record: Record
    event: E


@dataclass(slots=True)
class Lane(Generic[E]):
    """Runs batches of one stage."""

    stage: Stage[E]
    produce: Produce
    letters: DeadLetterStore
    halt: HaltPolicy
    patience: Patience
    metrics: WorkerMetrics
    checkpoint: Checkpoint
    seal: Seal = unsealed

    async def run(self, records: Sequence[Record]) -> None:
        """Everything but the commit; raises AbandonedError or HaltedError when nothing may be committed."""
        deliveries, letters = self._decode(records)
        applied, rejected = await self._apply(deliveries)
        letters += rejected
        await self.checkpoint(Step.COMMITTED)
        await self._emit(applied)
        await self._bury(letters)
        await self._resolve(records, letters)
        self._count(records, deliveries, letters)

    def _decode(self, records: Sequence[Record]) -> tuple[list[_Delivery[E]], list[DeadLetter]]:
        deliveries: list[_Delivery[E]] = []
        letters: list[DeadLetter] = []
        for record in records:
            try:
                event = self.stage.decode(record)
            except InvalidEventError as error:
                letters.append(self._letter(record, error, attempts=1))
                continue
            if event is not None:
                deliveries.append(_Delivery(record, event))
        return deliveries, letters

    async def _apply(
        self, deliveries: Sequence[_Delivery[E]]
    ) -> tuple[list[tuple[Sequence[E], Applied[E]]], list[DeadLetter]]:
        if not deliveries:
            return [], []
        into: list[tuple[Sequence[E], Applied[E]]] = []
        error = await self._attempt(deliveries, into)
        if error is None:
            self.halt.succeeded(len(deliveries))
            return into, self._rejections(deliveries, into)
        self._log_retry(error, len(deliveries))
        failed: list[DeadLetter] = []
        for delivery in deliveries:
            letter = await self._apply_alone(delivery, into)
            if letter is not None:
                failed.append(letter)
        return into, failed + self._rejections(deliveries, into)

    async def _apply_alone(
        self, delivery: _Delivery[E], into: list[tuple[Sequence[E], Applied[E]]]
    ) -> DeadLetter | None:
        attempt = 1
        while (error := await self._attempt([delivery], into)) is not None:
            if classify(error) is Failure.PERMANENT:
                return self._letter(delivery.record, error, attempts=attempt)
            if attempt == ATTEMPTS_ALONE:
                self.halt.failed()
                return self._letter(delivery.record, error, attempts=attempt)
            await self.patience.pause(delay(attempt))
            attempt += 1
        self.halt.succeeded()
        return None

    async def _attempt(
        self, deliveries: Sequence[_Delivery[E]], into: list[tuple[Sequence[E], Applied[E]]]
    ) -> Exception | None:
        """Applies, waiting as long as a dependency is away; the exception when it is another one."""
        events = [delivery.event for delivery in deliveries]
        failures: list[Exception] = []

        async def apply() -> None:
            try:
                into.append((events, await self.stage.apply(events)))
            except Exception as error:
                if classify(error) is Failure.DEPENDENCY:
                    raise
                failures.append(error)

        await self._insist("apply", apply)
        return failures[0] if failures else None

    async def _emit(self, applied: Sequence[tuple[Sequence[E], Applied[E]]]) -> None:
        outgoing = [record for _, result in applied for record in result.outgoing]
        if outgoing:
            await self._insist("emit", lambda: self.produce(outgoing))
            self.metrics.emitted.labels(self.stage.name).inc(len(outgoing))
        await self.checkpoint(Step.EMITTED)
        events = [event for batch, _ in applied for event in batch]
        if events:
            await self._insist("mark", lambda: self.stage.mark_emitted(events))
        await self.checkpoint(Step.MARKED)

    async def _bury(self, letters: Sequence[DeadLetter]) -> None:
        """Rows first, then the mirror on the topic; the offsets wait for both."""
        if not letters:
            return
        await self._insist("bury", lambda: self.letters.bury(letters))
        mirrors = [mirror_of(replace(letter, record=self.seal(letter.record))) for letter in letters]
        await self._insist("bury", lambda: self.produce(mirrors))
        for letter in letters:
            structlog.get_logger("mneme.worker").warning(
                "event buried",
                topic=letter.record.topic,
                partition=letter.record.partition,
                offset=letter.record.offset,
                reason=letter.reason,
                detail=letter.detail,
            )

    async def _resolve(self, records: Sequence[Record], buried: Sequence[DeadLetter]) -> None:
        """Letters that were tried again and did not come back."""
        failed = {id(letter.record) for letter in buried}
        tried = [redriven_letter(record) for record in records if id(record) not in failed]
        letters = [letter for letter in tried if letter is not None]
        if letters:
            await self._insist("resolve", lambda: self.letters.resolve(self.stage.name, letters))

    async def _insist(self, what: str, act: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        while True:
            try:
                await act()
            except Exception as error:
                if classify(error) is not Failure.DEPENDENCY:
                    raise
                attempt += 1
                self._note_absence(what, error, attempt)
                await self.patience.pause(delay(attempt))
            else:
                self.patience.waiting.discard(what)
                return

    def _note_absence(self, what: str, error: Exception, attempt: int) -> None:
        self.metrics.retries.labels(self.stage.name, "dependency").inc()
        self.patience.waiting.add(what)
        if attempt in (1, 10) or attempt % 100 == 0:
            structlog.get_logger("mneme.worker").info(
                "waiting for a dependency", doing=what, attempt=attempt, error=f"{type(error).__name__}: {error}"
            )

    def _log_retry(self, error: Exception, size: int) -> None:
        self.metrics.retries.labels(self.stage.name, "unknown").inc()
        structlog.get_logger("mneme.worker").warning(
            "batch failed, retrying one by one", records=size, error=f"{type(error).__name__}: {error}"
        )

    def _rejections(
        self, deliveries: Sequence[_Delivery[E]], applied: Sequence[tuple[Sequence[E], Applied[E]]]
    ) -> list[DeadLetter]:
        reasons = {id(rejected.event): rejected for _, result in applied for rejected in result.rejected}
        return [
            letter_of(delivery.record, self.stage.name, rejected.reason, rejected.detail, attempts=1)
            for delivery in deliveries
            if (rejected := reasons.get(id(delivery.event))) is not None
        ]

    def _letter(self, record: Record, error: Exception, *, attempts: int) -> DeadLetter:
        return letter_of(record, self.stage.name, *reason_of(error), attempts=attempts)

    def _count(
        self, records: Sequence[Record], deliveries: Sequence[_Delivery[E]], letters: Sequence[DeadLetter]
    ) -> None:
        invalid = sum(letter.reason == "invalid_event" for letter in letters)
        counter = self.metrics.records
        counter.labels(self.stage.name, "buried").inc(len(letters))
        counter.labels(self.stage.name, "applied").inc(max(0, len(deliveries) - (len(letters) - invalid)))
        counter.labels(self.stage.name, "skipped").inc(max(0, len(records) - len(deliveries) - invalid))
