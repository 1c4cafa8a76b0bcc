"""A lane: what is applied, emitted, buried, and what keeps its offsets from being committed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry

from mneme_common.contracts.dead_letters import REDRIVE_LETTER, DeadLetter, Record
from mneme_common.contracts.envelope import InvalidEventError, OutgoingRecord
from mneme_common.contracts.topics import CHANGES, COMMANDS
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.runtime.burial import letter_of
from mneme_common.runtime.failure_policy import HaltedError, HaltPolicy
from mneme_common.runtime.lane import AbandonedError, Lane, Patience
from mneme_common.runtime.stage import Applied, Rejected, Step
from mneme_common.telemetry.metrics import WorkerMetrics


@dataclass
class Shouting:
    """A stage that emits each word in capitals; a word may be poison, refused, or need something that is away."""

    name: str = "shouting"
    applied: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    absences: int = 0
    broken: bool = False

    def decode(self, record: Record) -> str | None:
        text = (record.value or b"").decode()
        if text == "unreadable":
            raise InvalidEventError("this cannot be read")
        return None if text == "not for us" else text

    async def apply(self, events: Sequence[str]) -> Applied[str]:
        if self.absences:
            self.absences -= 1
            raise DependencyError("away")
        if self.broken or "poison" in events:
            raise ValueError("bug")
        if "hopeless" in events:
            raise PermanentError("hopeless", "it will never succeed")
        self.applied += events
        outgoing = [OutgoingRecord("out", b"k", event.upper().encode(), ()) for event in events if event != "refused"]
        return Applied(outgoing, [Rejected(event, "refused", "by the stage") for event in events if event == "refused"])

    async def mark_emitted(self, events: Sequence[str]) -> None:
        self.marked += events


@dataclass
class Bench:
    """A lane with everything around it recorded."""

    stage: Shouting = field(default_factory=Shouting)
    produced: list[OutgoingRecord] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    resolved: list[tuple[str, UUID]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    abandon: asyncio.Event = field(default_factory=asyncio.Event)

    async def produce(self, records: Sequence[OutgoingRecord]) -> None:
        self.produced += records

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        self.letters += letters

    async def resolve(self, stage: str, letters: Sequence[UUID]) -> None:
        self.resolved += [(stage, letter) for letter in letters]

    async def checkpoint(self, step: Step) -> None:
        self.steps.append(step)

    async def run(self, *words: str, headers: tuple[tuple[str, bytes], ...] = ()) -> None:
        lane = Lane(
            stage=self.stage,
            produce=self.produce,
            letters=self,
            halt=HaltPolicy(run=5),
            patience=Patience(self.abandon),
            metrics=WorkerMetrics("shouting", CollectorRegistry()),
            checkpoint=self.checkpoint,
        )
        await lane.run(
            [Record("i", "in", 0, offset, 0, b"acme/ann", word.encode(), headers) for offset, word in enumerate(words)]
        )

    def shouted(self) -> list[bytes]:
        return [record.value for record in self.produced if record.topic == "out"]


async def test_good_records_are_applied_together_then_emitted_then_marked() -> None:
    """Commit last: the steps come in the order of guarantee 2."""
    bench = Bench()
    await bench.run("a", "not for us", "b")
    assert bench.stage.applied == ["a", "b"]
    assert bench.shouted() == [b"A", b"B"]
    assert bench.stage.marked == ["a", "b"]
    assert bench.steps == [Step.COMMITTED, Step.EMITTED, Step.MARKED]


async def test_an_unreadable_record_is_buried_and_its_neighbours_are_applied() -> None:
    """With reason, place and original bytes, as a row and on the topic."""
    bench = Bench()
    await bench.run("a", "unreadable", "b")
    assert bench.shouted() == [b"A", b"B"]
    (letter,) = bench.letters
    assert (letter.reason, letter.record.offset, letter.record.value) == ("invalid_event", 1, b"unreadable")
    (mirror,) = [record for record in bench.produced if record.topic == "in.shouting.dlq"]
    assert mirror.value == b"unreadable"


async def test_poison_is_tried_alone_three_times_and_buried_alone() -> None:
    """An unknown exception on one event while its neighbours succeed."""
    bench = Bench()
    await bench.run("a", "poison", "b")
    assert bench.stage.applied == ["a", "b"]
    assert [(letter.reason, letter.attempts) for letter in bench.letters] == [("unknown_error", 3)]


async def test_what_can_never_succeed_is_buried_at_once() -> None:
    """A permanent error needs no second attempt."""
    bench = Bench()
    await bench.run("hopeless")
    assert [(letter.reason, letter.attempts) for letter in bench.letters] == [("hopeless", 1)]


async def test_what_the_stage_rejects_is_buried_without_its_neighbours() -> None:
    """Rejected events do not make the batch fail."""
    bench = Bench()
    await bench.run("a", "refused")
    assert bench.shouted() == [b"A"]
    assert [letter.reason for letter in bench.letters] == ["refused"]


async def test_a_letter_that_is_tried_again_is_resolved_by_the_success_of_its_stage() -> None:
    """The record's header names the letter."""
    bench, letter = Bench(), uuid4()
    await bench.run("a", headers=((REDRIVE_LETTER, letter.hex.encode()),))
    assert bench.resolved == [("shouting", letter)]


def test_a_letter_names_the_event_behind_a_change() -> None:
    """Not the change's own id: the messages and memories of that event wait for an operator now."""
    event, change = uuid4(), uuid4()
    headers = tuple(
        {"ce_id": change.hex, "ce_type": "message.recorded", "ce_source": "r", "ce_specversion": "1.0"}.items()
    )
    encoded = tuple((name, value.encode()) for name, value in headers)
    told = Record("i", CHANGES, 0, 1, 0, b"acme/ann", f'{{"event_id": "{event}"}}'.encode(), encoded)
    assert letter_of(told, "extractor", "why", "because", attempts=1).event_id == event
    garbled = replace(told, value=b"{")
    assert letter_of(garbled, "extractor", "why", "because", attempts=1).event_id is None
    command = replace(told, topic=COMMANDS)
    assert letter_of(command, "resolver", "why", "because", attempts=1).event_id == change


async def test_a_letter_that_fails_again_stays_unresolved() -> None:
    """It is buried again instead, whether it cannot be read, cannot be applied or is refused."""
    for word in ("unreadable", "poison", "refused"):
        bench = Bench()
        await bench.run(word, headers=((REDRIVE_LETTER, uuid4().hex.encode()),))
        assert (bench.resolved, len(bench.letters)) == ([], 1)


async def test_an_absent_dependency_buries_nothing() -> None:
    """It is waited for, and the batch is applied whole."""
    bench = Bench(stage=Shouting(absences=3))
    await bench.run("a", "b")
    assert bench.stage.applied == ["a", "b"]
    assert bench.letters == []


async def test_a_stop_while_waiting_abandons_the_batch() -> None:
    """Nothing may be committed then: the records come again."""
    bench = Bench(stage=Shouting(absences=1_000_000))
    bench.abandon.set()
    with pytest.raises(AbandonedError):
        await bench.run("a")
    assert bench.produced == []


async def test_a_broken_stage_halts_instead_of_emptying_its_topic() -> None:
    """The policy through the loop: nothing is buried, nothing may be committed."""
    bench = Bench(stage=Shouting(broken=True))
    with pytest.raises(HaltedError):
        await bench.run(*(f"word {number}" for number in range(8)))
    assert bench.letters == []
    assert bench.produced == []
