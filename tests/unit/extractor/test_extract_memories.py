"""The stage: recorded messages in, one command for each revision out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import orjson
import pytest

from mneme_common.contracts.changes import MessageChanged, MessageRecorded
from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import EventData, NoteExtractions, ProposeMemories
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import Attributes, InvalidEventError, OutgoingRecord, from_headers
from mneme_common.contracts.topics import CHANGES, COMMANDS
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.identifiers import proposal_event_id
from mneme_common.domain.limits import NOTED_AT_ONCE
from mneme_extractor.decide.standing import RevisionKey, Standing
from mneme_extractor.handlers.extract_memories import ExtractMemories, Recorded
from tests.unit.extractor.fakes import KnownStandings, NotedPostponements, ScriptedExtractor, Tally
from tests.unit.extractor.speech import SAID_AT, recorded

_TRACE = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"


def _stage(
    extractor: ScriptedExtractor | None = None,
    revisions: KnownStandings | None = None,
    postponements: NotedPostponements | None = None,
    *,
    concurrency: int = 8,
) -> ExtractMemories:
    return ExtractMemories(
        extractor or ScriptedExtractor(),
        revisions or KnownStandings(),
        postponements or NotedPostponements(),
        Tally(),
        lambda: SAID_AT,
        concurrency,
    )


def _record(data: EventData, event_type: str = "message.recorded", user: str = "ann") -> Record:
    attributes = Attributes("c" * 32, event_type, "mneme/resolver", SAID_AT, traceparent=_TRACE)
    sent = encode(CHANGES, "acme", user, attributes, data)
    return Record("kafka", CHANGES, 0, 0, 0, sent.key, sent.value, sent.headers)


def _event(content: str, *, number: int = 1, user: str = "ann") -> Recorded:
    event = _stage().decode(_record(recorded(content, number=number), user=user))
    assert event is not None
    return event


def _data(record: OutgoingRecord) -> ProposeMemories:
    return ProposeMemories.model_validate(orjson.loads(record.value))


def _sources(records: Sequence[OutgoingRecord]) -> list[UUID]:
    """The revisions that the records say were read: those with something in them first."""
    noted = [orjson.loads(record.value).get("revisions") for record in records]
    return [
        source
        for record, revisions in zip(records, noted, strict=True)
        for source in (
            [_data(record).source_event_id]
            if revisions is None
            else [UUID(revision["source_event_id"]) for revision in revisions]
        )
    ]


def _note(record: OutgoingRecord) -> NoteExtractions:
    assert ("ce_type", b"extractions.noted") in record.headers
    return NoteExtractions.model_validate(orjson.loads(record.value))


def _key(event: Recorded) -> RevisionKey:
    return RevisionKey(event.tenant_id, event.user_id, event.data.message_id, event.data.event_id)


async def test_a_recorded_message_becomes_one_command_with_its_proposals() -> None:
    event = _event("I live in Berlin. I love tea.")
    (record,) = (await _stage().apply([event])).outgoing
    data = _data(record)
    attributes = from_headers(record.headers)
    assert (record.topic, record.key) == (COMMANDS, b"acme/ann")
    assert attributes is not None
    assert UUID(attributes.id) == proposal_event_id(event.data.event_id, "default-1", "live")
    assert (attributes.type, attributes.source) == ("memories.proposed", "mneme/extractor")
    assert (attributes.traceparent or "").split("-")[1] == _TRACE.split("-")[1]
    assert (data.message_id, data.revision, data.source_event_id) == (event.data.message_id, 1, event.data.event_id)
    assert [proposal.content for proposal in data.proposals] == ["The user lives in Berlin.", "The user loves tea."]
    assert data.proposals[0].spans[0].quote == "I live in Berlin."
    assert data.proposals[0].observed_at == SAID_AT


async def test_messages_without_anything_in_them_are_noted_in_one_command_a_user() -> None:
    found, *empty = [_event(said, number=n) for n, said in enumerate(("I love tea.", "Nice weather.", "Hello."), 1)]
    other = _event("Hello.", number=4, user="bob")
    records = (await _stage().apply([empty[0], found, other, empty[1]])).outgoing
    assert [record.key for record in records] == [b"acme/ann", b"acme/ann", b"acme/bob"]
    assert _data(records[0]).source_event_id == found.data.event_id
    note = _note(records[1])
    assert [(item.message_id, item.revision, item.source_event_id) for item in note.revisions] == [
        (event.data.message_id, 1, event.data.event_id) for event in empty
    ]
    assert (note.extractor, note.schema_version, note.run) == ("scripted", "default-1", "live")


async def test_a_note_of_the_same_revisions_is_the_same_command_in_any_order() -> None:
    events = [_event("Hello.", number=number) for number in (1, 2, 3)]
    (one,) = (await _stage().apply(events)).outgoing
    (other,) = (await _stage().apply(events[::-1])).outgoing
    (fewer,) = (await _stage().apply(events[:2])).outgoing
    assert _identity(one) == _identity(other)
    assert _identity(one) != _identity(fewer)


async def test_a_batch_without_end_is_noted_in_pages() -> None:
    events = [_event("Hello.", number=number) for number in range(1, NOTED_AT_ONCE + 3)]
    records = (await _stage().apply(events)).outgoing
    assert [len(_note(record).revisions) for record in records] == [NOTED_AT_ONCE, 2]


async def test_extracting_twice_changes_nothing() -> None:
    event = _event("I live in Berlin.")
    (first,) = (await _stage().apply([event])).outgoing
    (second,) = (await _stage().apply([event])).outgoing
    assert second.value == first.value
    assert _identity(second) == _identity(first)


async def test_what_was_found_does_not_enter_the_hash_of_the_request() -> None:
    event = _event("I live in Berlin.")
    emptied = replace(event, data=event.data.model_copy(update={"content": "I love tea."}))
    (first,) = (await _stage().apply([event])).outgoing
    (second,) = (await _stage().apply([emptied])).outgoing
    assert first.value != second.value
    assert _identity(first) == _identity(second)


def _identity(record: OutgoingRecord) -> tuple[str, str | None]:
    attributes = from_headers(record.headers)
    assert attributes is not None
    return attributes.id, attributes.request_hash


async def test_another_revision_is_another_command() -> None:
    first, second = (_event("I live in Berlin.", number=number) for number in (1, 2))
    one, two = (await _stage().apply([first, second])).outgoing
    assert _identity(one)[0] != _identity(two)[0]
    assert _identity(one)[1] != _identity(two)[1]


async def test_a_message_that_can_never_be_read_is_rejected_alone() -> None:
    extractor = ScriptedExtractor(lambda content: PermanentError("bad", "why") if content == "poison" else None)
    events = [_event("I love tea.", number=1), _event("poison", number=2), _event("I love jam.", number=3)]
    stage = _stage(extractor)
    applied = await stage.apply(events)
    assert [_data(record).source_event_id for record in applied.outgoing] == [
        events[0].data.event_id,
        events[2].data.event_id,
    ]
    (rejected,) = applied.rejected
    assert (rejected.event, rejected.reason, rejected.detail) == (events[1], "bad", "why")


async def test_a_model_that_is_away_fails_the_batch_and_buries_nothing() -> None:
    extractor = ScriptedExtractor(lambda content: DependencyError("away") if content == "late" else None)
    with pytest.raises(DependencyError, match="away"):
        await _stage(extractor).apply([_event("I love tea.", number=1), _event("late", number=2, user="bob")])


async def test_an_unknown_failure_passes_through_as_itself() -> None:
    extractor = ScriptedExtractor(lambda _content: ValueError("odd"))
    with pytest.raises(ValueError, match="odd"):
        await _stage(extractor).apply([_event("I love tea.")])


async def test_what_was_read_before_the_model_went_away_is_not_read_again() -> None:
    away = [DependencyError("away")]
    extractor = ScriptedExtractor(lambda content: away.pop() if content == "second" and away else None)
    stage = _stage(extractor)
    events = [_event("first", number=1), _event("second", number=2)]
    with pytest.raises(DependencyError):
        await stage.apply(events)
    assert len(_sources((await stage.apply(events)).outgoing)) == 2
    assert extractor.read == ["first", "second", "second"]


async def test_what_is_on_the_log_is_forgotten() -> None:
    extractor = ScriptedExtractor()
    stage = _stage(extractor)
    event = _event("I love tea.")
    await stage.apply([event])
    await stage.mark_emitted([event])
    await stage.apply([event])
    assert extractor.read == ["I love tea."] * 2


async def test_one_users_messages_are_read_in_order_and_users_side_by_side() -> None:
    extractor = ScriptedExtractor()
    events = [_event(f"{user}{n}", number=10 * i + n, user=user) for i, user in enumerate("abcdef") for n in range(5)]
    applied = await _stage(extractor, concurrency=3).apply(events)
    assert extractor.most_in_hand == 3
    for user in "abcdef":
        assert [content for content in extractor.read if content[0] == user] == [f"{user}{n}" for n in range(5)]
    assert _sources(applied.outgoing) == [event.data.event_id for event in events]


async def test_what_has_been_extracted_is_not_extracted_again() -> None:
    done, fresh = _event("I love tea.", number=1), _event("I love jam.", number=2)
    extractor = ScriptedExtractor()
    stage = _stage(extractor, KnownStandings({_key(done): Standing.EXTRACTED}))
    (record,) = (await stage.apply([done, fresh])).outgoing
    assert _data(record).source_event_id == fresh.data.event_id
    assert extractor.read == ["I love jam."]


async def test_words_that_were_deleted_meanwhile_are_not_shown_to_the_extractor() -> None:
    gone = _event("I love tea.")
    extractor = ScriptedExtractor()
    (record,) = (await _stage(extractor, KnownStandings({_key(gone): Standing.GONE})).apply([gone])).outgoing
    assert [item.source_event_id for item in _note(record).revisions] == [gone.data.event_id]
    assert extractor.read == []


async def test_nothing_happens_while_the_standings_cannot_be_asked() -> None:
    extractor = ScriptedExtractor()
    with pytest.raises(OSError, match="database"):
        await _stage(extractor, KnownStandings(away=OSError("database"))).apply([_event("I love tea.")])
    assert extractor.read == []


def test_other_changes_are_not_for_this_stage() -> None:
    message = recorded("x")
    change = MessageChanged(
        message_id=message.message_id, revision=1, event_id=message.event_id, change="deleted", position=2
    )
    assert _stage().decode(_record(change, "message.changed")) is None


def test_a_revision_that_is_only_to_be_indexed_is_not_for_this_stage() -> None:
    message: MessageRecorded = recorded("x").model_copy(update={"extract": False})
    assert _stage().decode(_record(message)) is None


@pytest.mark.parametrize("fault", ["no event", "no key", "no message"])
def test_a_record_that_is_no_change_is_invalid(fault: str) -> None:
    good = _record(recorded("x"))
    record = Record(
        "kafka",
        CHANGES,
        0,
        0,
        0,
        None if fault == "no key" else good.key,
        b"{}" if fault == "no message" else good.value,
        () if fault == "no event" else good.headers,
    )
    with pytest.raises(InvalidEventError):
        _stage().decode(record)
