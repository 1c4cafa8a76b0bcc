"""A model's answer is believed only as far as the message bears it out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mneme_common.contracts.chat import ChatAnswer
from mneme_extractor.decide.model_output import Reading, read_answer
from tests.unit.extractor.speech import said

_MESSAGE = "I live in Berlin and I\u2019m allergic to peanuts."


def _item(**changes: Any) -> dict[str, Any]:
    item = {
        "action": "create",
        "memory_class": "profile_fact",
        "values": {"attribute": "residence", "value": "Berlin"},
        "content": "The user lives in Berlin.",
        "confidence": 0.9,
        "quote": "I live in Berlin",
    }
    return item | changes


def _read(*items: Any, message: str = _MESSAGE, name: str | None = None) -> Reading:
    return read_answer(ChatAnswer(json.dumps({"memories": list(items)})), said(message, name=name))


def test_a_good_item_becomes_a_statement_with_its_place() -> None:
    reading = _read(_item())
    (statement,) = reading.statements
    assert (statement.memory_class, statement.action, statement.confidence) == ("profile_fact", "create", 0.9)
    assert statement.values == {"subject": "user", "attribute": "residence", "value": "Berlin"}
    assert _MESSAGE[statement.start : statement.end] == "I live in Berlin"
    assert (reading.dropped, reading.fault) == ((), None)


def test_the_subject_is_the_speaker_whatever_the_model_says() -> None:
    values = {"subject": "somebody else", "attribute": "residence", "value": "Berlin"}
    (statement,) = _read(_item(values=values), name="Ines").statements
    assert statement.values["subject"] == "ines"


def test_an_empty_list_is_a_good_answer() -> None:
    assert _read() == Reading()


def test_a_quote_is_found_without_regard_to_case_and_apostrophes() -> None:
    (statement,) = _read(_item(quote="i'm ALLERGIC to peanuts")).statements
    assert _MESSAGE[statement.start : statement.end] == "I\u2019m allergic to peanuts"


@pytest.mark.parametrize("quote", ["I live in Paris", "...", ""])
def test_an_item_whose_quote_is_not_in_the_message_is_dropped(quote: str) -> None:
    reading = _read(_item(quote=quote))
    assert reading == Reading(dropped=("quote_not_found",))


def test_a_delete_nobody_asked_for_is_dropped() -> None:
    assert _read(_item(action="delete")).dropped == ("delete_not_asked",)


def test_a_delete_that_was_asked_for_needs_its_identity_only() -> None:
    message = "Please forget where I live."
    item = _item(action="delete", values={"attribute": "residence", "value": ""}, quote=message)
    (statement,) = _read(item, message=message).statements
    assert (statement.action, statement.values) == ("delete", {"subject": "user", "attribute": "residence"})


_BREAK_THE_SCHEMA = {
    "no object": "Berlin",
    "unknown class": _item(memory_class="fact"),
    "unknown action": _item(action="update"),
    "values no object": _item(values=["residence"]),
    "value no text": _item(values={"attribute": "residence", "value": 7}),
    "value empty": _item(values={"attribute": "residence", "value": " "}),
    "value with NUL": _item(values={"attribute": "residence", "value": "Ber\x00lin"}),
    "unknown polarity": _item(memory_class="preference", values={"topic": "tea", "polarity": "adores"}),
    "no ISO date": _item(memory_class="event", values={"what": "moved", "when": "last week"}),
    "content empty": _item(content="..."),
    "content no text": _item(content=None),
    "confidence too high": _item(confidence=1.5),
    "confidence no number": _item(confidence=True),
    "quote no text": _item(quote=None),
}


@pytest.mark.parametrize("case", _BREAK_THE_SCHEMA)
def test_an_item_that_breaks_the_schema_is_dropped_beside_a_good_one(case: str) -> None:
    reading = _read(_BREAK_THE_SCHEMA[case], _item())
    assert (len(reading.statements), len(reading.dropped), reading.fault) == (1, 1, None)


@pytest.mark.parametrize("case", _BREAK_THE_SCHEMA)
def test_an_answer_of_nothing_but_broken_items_is_a_fault_and_no_success(case: str) -> None:
    reading = _read(_BREAK_THE_SCHEMA[case])
    assert reading.statements == ()
    assert reading.fault is not None
    assert "item 0" in reading.fault


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (ChatAnswer('{"memories": [', finish="length"), "cut off"),
        (ChatAnswer('{"memories": ['), "not JSON"),
        (ChatAnswer(""), "not JSON"),
        (ChatAnswer("I found nothing."), "not JSON"),
        (ChatAnswer("[]"), "not an object"),
        (ChatAnswer('{"facts": []}'), "not an object"),
        (ChatAnswer('{"memories": {}}'), "not an object"),
        (ChatAnswer("", refusal="I cannot help with that."), "refusal"),
        (ChatAnswer("", finish="content_filter"), "refusal"),
    ],
)
def test_an_answer_of_the_wrong_form_is_a_fault_that_is_named(answer: ChatAnswer, fault: str) -> None:
    assert fault in (read_answer(answer, said(_MESSAGE)).fault or "")


@pytest.mark.parametrize("frame", ["```json\n{}\n```", "```\n{}\n```", "<think>Let me see.</think>\n{}", "  {}\n"])
def test_an_answer_in_a_frame_is_read(frame: str) -> None:
    text = frame.replace("{}", json.dumps({"memories": [_item()]}))
    assert len(read_answer(ChatAnswer(text), said(_MESSAGE)).statements) == 1
