"""Observation without a language model (features.md, S4-22)."""

from __future__ import annotations

from tests.integration.gateway.person import Person


def _dialogue(*turns: tuple[str, str]) -> dict[str, object]:
    return {"messages": [{"role": role, "content": content} for role, content in turns], "session_id": "s1"}


async def test_what_was_said_is_remembered_as_it_is_and_says_so(person: Person) -> None:
    answer = await person.post("/v1/observe", _dialogue(("user", "I am allergic to peanuts."), ("assistant", "Noted.")))

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [memory["content"] for memory in body["memories"]] == ["I am allergic to peanuts.", "Noted."]
    assert {memory["memory_type"] for memory in body["memories"]} == {"semantic"}
    assert "No language model" in body["warning"]
    kept = (await person.get("/v1/conversations/s1/messages")).json()["messages"]
    assert [message["id"] for message in kept] == body["message_ids"]


async def test_empty_messages_and_secrets_are_passed_over(person: Person) -> None:
    turns = [("user", "  "), ("user", "I like tea."), ("user", "my password: hunter2"), ("system", "Be brief.")]
    answer = await person.post("/v1/observe", _dialogue(*turns))

    body = answer.json()
    assert [memory["content"] for memory in body["memories"]] == ["I like tea."]
    assert [error["message_index"] for error in body["errors"]] == [2]
    assert "secrets" in body["warning"]
    assert "hunter2" not in answer.text


async def test_context_of_an_observation_is_kept_with_its_messages(person: Person) -> None:
    body = _dialogue(("user", "I like tea.")) | {"source_event_ids": ["e1"], "turn_count": 3}
    await person.post("/v1/observe", body)
    (kept,) = (await person.get("/v1/conversations/s1/messages")).json()["messages"]
    assert kept["metadata"] == {"source_event_ids": ["e1"], "turn_count": 3}
