"""``message.recorded``: read the messages → emit what was found in each, and in which nothing was."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.codec import Event, decode, parse_json
from mneme_common.contracts.commands import EventData
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import InvalidEventError, from_headers, parse_key
from mneme_common.contracts.topics import Stage as StageName
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.model_waiting import PostponedError
from mneme_common.domain.subject import Subject
from mneme_common.runtime.stage import Applied, Rejected
from mneme_extractor.commanding import Reading, commands_of
from mneme_extractor.decide.extraction import Extraction
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.decide.postponement import PostponedMessage, Postponement
from mneme_extractor.decide.standing import RevisionKey, Standing
from mneme_extractor.ports import Clock, Extractor, Meter, Postponements, Revisions

Recorded = Event[MessageRecorded]
Outcome = Extraction | Rejected[Recorded]

_HELD = "message.recorded"
_TYPES: Mapping[str, type[EventData]] = {_HELD: MessageRecorded}
_NOTHING = Extraction("none")
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class ExtractMemories:
    """The extractor's stage: users side by side (``concurrency`` messages at a time), each user's messages in order.

    Nothing is stored here: the resolver notes the extraction when it applies the command; of several extractions of
    a revision the first that it applies counts. What was extracted is remembered until it is on the log, so that a
    batch that has to be tried again because something went away does not ask, and pay, twice. Users whose model is
    away, or whose tenant's tokens are spent, wait in PostgreSQL, and the log goes on without them.
    """

    extractor: Extractor
    revisions: Revisions
    postponements: Postponements
    meter: Meter
    clock: Clock
    concurrency: int = 8
    name: str = StageName.EXTRACTOR.value
    _slots: asyncio.Semaphore = field(init=False)
    _remembered: OrderedDict[RevisionKey, Extraction] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.concurrency)

    def decode(self, record: Record) -> Recorded | None:
        """The message of a ``message.recorded``; the other changes are not for this stage."""
        attributes = from_headers(record.headers)
        if attributes is None:
            raise InvalidEventError("a change is a CloudEvent")
        if attributes.type != _HELD:
            return None
        tenant_id, user_id = parse_key(record.key)
        data = decode(_TYPES, attributes.type, attributes.version, parse_json(record.value))
        if not isinstance(data, MessageRecorded) or not data.extract:
            return None
        return Event(tenant_id, user_id, attributes, data)

    async def apply(self, events: Sequence[Recorded]) -> Applied[Recorded]:
        """What was found in revisions not extracted yet, in their order, and which hold nothing; some are rejected.

        A revision that is gone by now holds nothing: nobody reads its words any more.
        """
        standings = await self.revisions.standings([_key_of(event) for event in events], SCHEMA_VERSION)
        pending = [event for event in events if standings[_key_of(event)] is not Standing.EXTRACTED]
        outcomes: dict[int, Outcome] = {
            id(event): _NOTHING for event in pending if standings[_key_of(event)] is Standing.GONE
        }
        postponed: list[Postponement] = []
        try:
            async with asyncio.TaskGroup() as group:
                for events_of_user in _by_user(event for event in pending if id(event) not in outcomes).values():
                    group.create_task(self._read_in_order(events_of_user, standings, outcomes, postponed))
        except ExceptionGroup as failures:
            raise _worst(failures) from None
        await self.postponements.postpone(postponed)
        found = [(event, outcomes[id(event)]) for event in pending if id(event) in outcomes]
        return Applied(
            outgoing=commands_of([_reading(event, o) for event, o in found if isinstance(o, Extraction)], self.clock),
            rejected=[outcome for _, outcome in found if isinstance(outcome, Rejected)],
        )

    async def mark_emitted(self, events: Sequence[Recorded]) -> None:
        """What is on the log need not be remembered here."""
        for event in events:
            self._remembered.pop(_key_of(event), None)

    async def _read_in_order(
        self,
        events: Sequence[Recorded],
        standings: Mapping[RevisionKey, Standing],
        outcomes: dict[int, Outcome],
        postponed: list[Postponement],
    ) -> None:
        """A user's messages; from the first that has to wait on all of them do, so that they keep their order."""
        for index, event in enumerate(events):
            if standings[_key_of(event)] is Standing.WAITING:
                postponed += [Postponement(_waiting(later)) for later in events[index:]]
                return
            try:
                outcomes[id(event)] = await self._read(event)
            except PermanentError as error:
                self.meter.rejected(error.reason)
                outcomes[id(event)] = Rejected(event, error.reason, error.detail)
            except PostponedError as error:
                later = events[index:]
                self.meter.postponed(error.reason.value, len(later))
                postponed += [Postponement(_waiting(each), error.reason, error.seconds) for each in later]
                return

    async def _read(self, event: Recorded) -> Extraction:
        known = self._remembered.get(_key_of(event))
        if known is not None:
            return known
        async with self._slots:
            started = time.perf_counter()
            extraction = await self.extractor.extract(event.data, Subject(event.tenant_id, event.user_id))
        self.meter.extracted(extraction, time.perf_counter() - started)
        self._remembered[_key_of(event)] = extraction
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return extraction


def _reading(event: Recorded, extraction: Extraction) -> Reading:
    return Reading(Subject(event.tenant_id, event.user_id), event.data, extraction, event.attributes.traceparent)


def _by_user(events: Iterable[Recorded]) -> Mapping[tuple[str, str], list[Recorded]]:
    users: dict[tuple[str, str], list[Recorded]] = {}
    for event in events:
        users.setdefault((event.tenant_id, event.user_id), []).append(event)
    return users


def _waiting(event: Recorded) -> PostponedMessage:
    return PostponedMessage(
        subject=Subject(event.tenant_id, event.user_id),
        position=event.data.position,
        message_id=event.data.message_id,
        event_id=event.data.event_id,
        traceparent=event.attributes.traceparent,
    )


def _key_of(event: Recorded) -> RevisionKey:
    return RevisionKey(event.tenant_id, event.user_id, event.data.message_id, event.data.event_id)


def _worst(failures: ExceptionGroup[Exception]) -> Exception:
    """The failure to report for a batch: a dependency that is away explains the others."""
    away = failures.subgroup(DependencyError)
    found: BaseException = away or failures
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found if isinstance(found, Exception) else failures
