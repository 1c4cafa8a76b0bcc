"""Events that nobody waits for are asked for in pages, oldest first, and never hide one another."""

from __future__ import annotations

from uuid import UUID

from mneme_gateway.writing.abandoned import Abandoned

KEYS = [("acme", UUID(int=number)) for number in range(300)]


def abandoned() -> Abandoned:
    """All of the keys, in order."""
    made = Abandoned()
    for key in KEYS:
        made.add(key)
    return made


def test_the_oldest_are_asked_for_first() -> None:
    page = abandoned().due(hinted=True)
    assert page == KEYS[: len(page)]
    assert 0 < len(page) < len(KEYS)


def test_a_second_question_waits_unless_the_first_found_most() -> None:
    events = abandoned()
    page = events.due(hinted=True)
    assert events.due(hinted=False) == []
    assert not events.settled(1)
    assert events.due(hinted=False) == []
    assert events.settled(len(page))
    assert events.due(hinted=False)


def test_those_that_take_long_go_to_the_end_of_the_line() -> None:
    events = abandoned()
    seen = set()
    for _ in KEYS:
        page = events.due(hinted=True)
        seen.update(page)
        events.settled(len(page))
    assert seen == set(KEYS)


def test_what_is_known_is_not_asked_for_again() -> None:
    events = abandoned()
    for key in KEYS:
        events.discard(key)
    assert not events
    assert events.due(hinted=True) == []
