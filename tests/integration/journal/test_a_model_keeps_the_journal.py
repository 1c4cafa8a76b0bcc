"""The journaling bot with a model: answers that rest on memory, and what is believed of its findings (S1-03, S1-04)."""

from __future__ import annotations

import json
from typing import Any

from mneme_common.testing.openai_server import Failure, OpenAIServer
from mneme_common.testing.waiting import eventually
from tests.fixtures.pipeline import Rows
from tests.integration.journal.conftest import Writer

Model = tuple[Writer, OpenAIServer, Rows]


def _reads(body: dict[str, Any]) -> bool:
    return "response_format" in body


def _action(action: str, bucket: str, key: str, value: str, quote: str) -> dict[str, str]:
    return {"action": action, "bucket": bucket, "key": key, "value": value, "quote": quote}


class Companion:
    """Answers with ``says`` and finds ``actions`` in what it reads."""

    def __init__(self, server: OpenAIServer) -> None:
        self.says = "Noted."
        self.actions: list[dict[str, str]] = []
        server.reply = self

    def __call__(self, body: dict[str, Any]) -> str:
        return json.dumps({"actions": self.actions}) if _reads(body) else self.says


async def test_a_model_answers_with_what_is_known_before_the_message(model: Model) -> None:
    writer, server, rows = model
    companion = Companion(server)
    companion.actions = [
        _action("create", "identity", "Home City", "Lisbon", "live in Lisbon"),
        _action("create", "identity", "employer", "NASA", "works at NASA"),
        _action("delete", "identity", "name", "", "I live"),
        _action("create", "moods", "joy", "high", "I live"),
    ]
    first = (await writer.chat("I live in Lisbon. My mail is ada@example.org.")).json()
    assert [(change["key"], change["value"]) for change in first["memory_changes"]] == [("home_city", "Lisbon")]
    companion.actions = []
    companion.says = "You live in Lisbon."
    second = await writer.chat("Where do I live?")
    assert second.json()["response"] == "You live in Lisbon."
    assert second.json()["answered_by"].endswith("-scripted")
    asked = [received.body["messages"] for received in server.requests if not _reads(received.body)][-1]
    assert "USER IDENTITY (who the user is):\n- home_city: Lisbon" in asked[-1]["content"]
    assert asked[-1]["content"].endswith("Where do I live?")
    assert "Lisbon" not in asked[0]["content"], "what is known is no part of the system prompt"
    assert "ada@example.org" not in json.dumps([received.body for received in server.requests])
    known = [json.loads(r.body["messages"][1]["content"]) for r in server.requests if _reads(r.body)]
    assert known[-1]["known_keys"] == ["identity/home_city"]
    spent = rows.value("SELECT sum(requests) FROM model_usage WHERE tenant_id = 'acme'")
    assert spent == len(server.requests)


async def test_a_model_that_is_away_leaves_the_message_on_record_and_says_so(model: Model) -> None:
    writer, server, _ = model
    companion = Companion(server)
    server.script.extend([Failure(500)] * 8)
    headers = {"Idempotency-Key": "turn-1", "Prefer": "wait=1"}
    away = await writer.chat("I live in Lisbon.", headers)
    assert (away.status_code, away.json()["error"]["code"]) == (503, "MODEL_AWAY")
    assert "Retry-After" in away.headers
    assert [message["sender"] for message in (await writer.get("/messages")).json()["messages"]] == ["user"]
    server.script.clear()
    companion.says = "Welcome back."

    async def answered() -> bool:
        retried = await writer.chat("I live in Lisbon.", headers)
        return retried.status_code in (200, 202) and retried.json().get("response") == "Welcome back."

    await eventually(answered, within=30)
    messages = (await writer.get("/messages")).json()["messages"]
    assert [message["content"] for message in messages] == ["I live in Lisbon.", "Welcome back."]


async def test_spent_tokens_are_a_429_unless_the_tenant_wants_the_rules_then(model: Model) -> None:
    writer, server, rows = model
    Companion(server)
    await writer.chat("Hello.", {"Prefer": "wait=5"})
    budget = {"daily_tokens": 1, "over_budget": "wait"}
    await writer.client.put("/v1/extraction/policy", json=budget, params={"tenant_id": "acme"})
    spent = await writer.chat("I live in Lisbon.", {"Prefer": "wait=1"})
    assert (spent.status_code, spent.json()["error"]["code"]) == (429, "TOKEN_BUDGET_SPENT")
    asked = len(server.requests)
    await writer.client.put(
        "/v1/extraction/policy", json={**budget, "over_budget": "rules"}, params={"tenant_id": "acme"}
    )
    other = Writer(writer.client, "somebody-else")
    by_rule = (await other.chat("I live in Porto.")).json()
    assert by_rule["answered_by"] == "rules"
    assert [change["value"] for change in by_rule["memory_changes"]] == ["Porto"]
    assert len(server.requests) == asked
    assert rows.value("SELECT count(*) FROM model_usage") == 1
