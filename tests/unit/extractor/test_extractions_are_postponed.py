"""Messages that have to wait: theirs wait in order, others are read."""

from __future__ import annotations

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.codec import Event
from mneme_common.contracts.envelope import Attributes
from mneme_common.domain.model_waiting import PostponedError, WaitReason
from mneme_extractor.decide.standing import RevisionKey, Standing
from mneme_extractor.handlers.extract_memories import ExtractMemories, Recorded
from tests.unit.extractor.fakes import KnownStandings, NotedPostponements, ScriptedExtractor, Tally
from tests.unit.extractor.speech import SAID_AT, recorded


def _event(content: str, number: int, user: str) -> Recorded:
    message: MessageRecorded = recorded(content, number=number)
    return Event("acme", user, Attributes("c" * 32, "message.recorded", "mneme/resolver", SAID_AT), message)


def _away(content: str) -> PostponedError | None:
    return PostponedError(WaitReason.MODEL_AWAY, "away", 7.0) if content.startswith("late") else None


def _stage(
    extractor: ScriptedExtractor, room: NotedPostponements, known: dict[RevisionKey, Standing] | None = None
) -> ExtractMemories:
    return ExtractMemories(extractor, KnownStandings(known or {}), room, Tally(), lambda: SAID_AT)


async def test_who_has_to_wait_waits_in_order_and_the_others_go_on() -> None:
    extractor, room = ScriptedExtractor(_away), NotedPostponements()
    events = [
        _event("I love tea.", 1, "ann"),
        _event("I love jam.", 2, "bob"),
        _event("late", 3, "ann"),
        _event("I love rain.", 4, "ann"),
        _event("I love snow.", 5, "bob"),
    ]
    applied = await _stage(extractor, room).apply(events)
    assert len(applied.outgoing) == 3
    assert [item.message.event_id for item in room.noted] == [events[2].data.event_id, events[3].data.event_id]
    assert {(item.reason, item.seconds) for item in room.noted} == {(WaitReason.MODEL_AWAY, 7.0)}
    assert "I love rain." not in extractor.read, "nothing is read before what was said before it"


async def test_behind_a_message_that_waits_everything_of_its_user_waits() -> None:
    first, second = _event("I love tea.", 1, "ann"), _event("I love jam.", 2, "bob")
    key = RevisionKey("acme", "ann", first.data.message_id, first.data.event_id)
    extractor, room = ScriptedExtractor(), NotedPostponements()
    applied = await _stage(extractor, room, {key: Standing.WAITING}).apply([first, second])
    assert (len(applied.outgoing), extractor.read) == (1, ["I love jam."])
    assert [(item.message.event_id, item.reason) for item in room.noted] == [(first.data.event_id, None)]


async def test_words_that_are_gone_wait_for_nobody() -> None:
    gone, later = _event("late", 1, "ann"), _event("late too", 2, "ann")
    key = RevisionKey("acme", "ann", gone.data.message_id, gone.data.event_id)
    room = NotedPostponements()
    applied = await _stage(ScriptedExtractor(_away), room, {key: Standing.GONE}).apply([gone, later])
    assert len(applied.outgoing) == 1
    assert [item.message.event_id for item in room.noted] == [later.data.event_id]
