"""Answers become frozen dataclasses, whatever else a newer server says."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from mneme import UnexpectedAnswerError
from mneme.answers.messages import BatchResult, Message
from mneme.answers.search import SearchResults
from mneme.calls.batches import merged
from mneme.decoding import decode

MESSAGE = {"id": "m", "role": "user", "content": "Tea.", "occurred_at": "2026-01-31T12:00:00Z"}


def test_times_are_aware_datetimes() -> None:
    assert decode(Message, MESSAGE).occurred_at == datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_fields_of_a_newer_server_are_kept_in_raw() -> None:
    assert decode(Message, {**MESSAGE, "mood": "calm"}).raw["mood"] == "calm"


def test_lists_hold_decoded_parts() -> None:
    hit = {"id": "m", "kind": "message", "content": "Tea.", "score": 1, "components": {"keyword": 0.5}}
    (found,) = decode(SearchResults, {"results": [hit], "position": 3})
    assert (found.score, found.components) == (1.0, {"keyword": 0.5})


def test_an_answer_cannot_be_changed() -> None:
    message = decode(Message, MESSAGE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.content = "Coffee."  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ([], "Message: expected an object, got list"),
        ({"id": "m", "role": "user"}, "Message: content is missing"),
        ({**MESSAGE, "revision": "one"}, "Message.revision: expected int, got str"),
        ({**MESSAGE, "occurred_at": "noon"}, "Message.occurred_at: expected a time"),
    ],
)
def test_what_does_not_fit_is_named(value: object, complaint: str) -> None:
    with pytest.raises(UnexpectedAnswerError, match=complaint):
        decode(Message, value)


def test_several_batches_count_through_as_one() -> None:
    first = decode(BatchResult, {"created": [MESSAGE], "errors": [{"message_index": 1, "error": "a"}], "position": 5})
    second = decode(BatchResult, {"created": [MESSAGE], "errors": [{"message_index": 0, "error": "b"}], "position": 6})
    whole = merged([first, second])
    assert (whole.total, [item.index for item in whole.errors], whole.position) == (4, [1, 2], 6)
