"""The model's extractor over real HTTP, against a server that also misbehaves."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from mneme_common.contracts.commands import Usage
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.testing.openai_server import (
    Answer,
    Behaviour,
    Dropped,
    Failure,
    Garbled,
    OpenAIServer,
    Silent,
    rate_limited,
    unknown_response_format,
)
from mneme_extractor.adapters.openai_extractor import OpenAIExtractor, openai_extractor
from mneme_extractor.decide.prompt import prompt_hash
from tests.unit.extractor.speech import ANN, recorded

_KEY = "sk-test-4f1c9a7e2b"
_MESSAGE = recorded("I live in Berlin.")
_GOOD = json.dumps(
    {
        "memories": [
            {
                "action": "create",
                "memory_class": "profile_fact",
                "values": {"attribute": "residence", "value": "Berlin"},
                "content": "The user lives in Berlin.",
                "confidence": 0.9,
                "quote": "I live in Berlin",
            }
        ]
    }
)


@dataclass(slots=True)
class _Bill:
    """What was spent, as it was told."""

    items: list[tuple[str, Usage]] = field(default_factory=list)

    def add(self, model: str, usage: Usage) -> None:
        self.items.append((model, usage))


@asynccontextmanager
async def _extracting(
    *script: Behaviour, attempts: int = 3, limit_seconds: float = 5.0, longest: int = 12_000, bill: _Bill | None = None
) -> AsyncIterator[tuple[OpenAIServer, OpenAIExtractor]]:
    server = OpenAIServer()
    server.script.extend(script)
    async with (
        server.running(),
        openai_extractor(
            model="small",
            api_key=_KEY,
            base_url=server.base_url,
            limit_seconds=limit_seconds,
            attempts=attempts,
            longest=longest,
            spent=(bill or _Bill()).add,
        ) as extractor,
    ):
        yield server, extractor


def _sent(server: OpenAIServer, index: int) -> dict[str, Any]:
    return server.requests[index].body


async def test_a_request_asks_for_structured_output_that_can_be_repeated() -> None:
    async with _extracting(Answer(_GOOD)) as (server, extractor):
        await extractor.extract(_MESSAGE, ANN)
    sent = _sent(server, 0)
    assert (sent["model"], sent["temperature"], sent["seed"]) == ("small", 0.0, 42)
    assert sent["response_format"]["type"] == "json_schema"
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert json.loads(sent["messages"][1]["content"])["message"] == "I live in Berlin."
    assert server.requests[0].headers["authorization"] == f"Bearer {_KEY}"


async def test_an_extraction_says_which_model_and_prompt_made_it_and_what_it_cost() -> None:
    bill = _Bill()
    async with _extracting(Answer(_GOOD), bill=bill) as (_, extractor):
        extraction = await extractor.extract(_MESSAGE, ANN)
    (statement,) = extraction.statements
    usage = Usage(prompt_tokens=10, completion_tokens=len(_GOOD) // 4, requests=1)
    assert statement.content == "The user lives in Berlin."
    assert (extraction.extractor, extraction.model) == ("openai", "small-scripted")
    assert extraction.prompt_hash == prompt_hash()
    assert extraction.usage == usage
    assert bill.items == [("small-scripted", usage)]


@pytest.mark.parametrize(
    "trouble",
    [
        rate_limited("0"),
        Failure(500, "internal"),
        Failure(503, body=b"<html>unavailable</html>"),
        Dropped(),
        Garbled(),
        Garbled(b'{"object": "list", "data": []}'),
        Garbled(b'{"choices": []}'),
    ],
    ids=["429", "500", "503", "dropped", "half a body", "another API", "no choice"],
)
async def test_what_passes_is_tried_again_and_then_succeeds(trouble: Behaviour) -> None:
    async with _extracting(trouble, Answer(_GOOD)) as (server, extractor):
        extraction = await extractor.extract(_MESSAGE, ANN)
    assert len(server.requests) == 2
    assert len(extraction.statements) == 1


async def test_retry_after_is_waited_for() -> None:
    async with _extracting(rate_limited("1"), Answer(_GOOD)) as (_, extractor):
        started = time.monotonic()
        await extractor.extract(_MESSAGE, ANN)
    assert time.monotonic() - started >= 1.0


async def test_a_model_that_is_too_slow_is_asked_again() -> None:
    async with _extracting(Silent(), Answer(_GOOD), limit_seconds=0.3) as (server, extractor):
        extraction = await extractor.extract(_MESSAGE, ANN)
    assert len(server.requests) == 2
    assert len(extraction.statements) == 1


@pytest.mark.parametrize(
    "trouble", [rate_limited("0"), Failure(500), Dropped(), Silent()], ids=["429", "500", "dropped", "slow"]
)
async def test_a_model_that_stays_away_is_a_dependency_after_bounded_attempts(trouble: Behaviour) -> None:
    async with _extracting(trouble, trouble, attempts=2, limit_seconds=0.3) as (server, extractor):
        with pytest.raises(DependencyError, match="small does not answer after 2 attempts"):
            await extractor.extract(_MESSAGE, ANN)
    assert len(server.requests) == 2


async def test_an_endpoint_that_nobody_listens_on_is_a_dependency() -> None:
    async with _extracting(attempts=1) as (server, _):
        address = server.base_url
    async with openai_extractor(
        model="small", api_key=None, base_url=address, limit_seconds=2, attempts=2, longest=100, spent=_Bill().add
    ) as extractor:
        with pytest.raises(DependencyError, match="connection"):
            await extractor.extract(_MESSAGE, ANN)


async def test_after_it_failed_for_good_an_endpoint_is_left_alone_for_a_while() -> None:
    async with _extracting(Failure(500), attempts=1) as (server, extractor):
        with pytest.raises(DependencyError):
            await extractor.extract(_MESSAGE, ANN)
        with pytest.raises(DependencyError, match="left alone"):
            await extractor.extract(_MESSAGE, ANN)
    assert len(server.requests) == 1


_UNUSABLE = {
    "truncated": Answer('{"memories": [{"action": "cre', finish="length"),
    "broken JSON": Answer('{"memories": ['),
    "prose": Answer("The user lives in Berlin."),
    "wrong schema": Answer('{"facts": ["lives in Berlin"]}'),
    "wrong items": Answer('{"memories": ["lives in Berlin"]}'),
    "refusal": Answer("", refusal="I cannot help with that."),
    "filtered": Answer("", finish="content_filter"),
    "nothing": Answer(""),
}


@pytest.mark.parametrize("case", _UNUSABLE)
async def test_an_answer_that_cannot_be_used_is_repaired_once(case: str) -> None:
    async with _extracting(_UNUSABLE[case], Answer(_GOOD)) as (server, extractor):
        extraction = await extractor.extract(_MESSAGE, ANN)
    assert len(extraction.statements) == 1
    assert extraction.usage.requests == 2
    repaired = _sent(server, 1)["messages"]
    assert [message["role"] for message in repaired] == ["system", "user", "assistant", "user"]
    assert "cannot be used" in repaired[3]["content"]


@pytest.mark.parametrize("case", _UNUSABLE)
async def test_a_message_whose_answer_is_unusable_twice_is_given_up(case: str) -> None:
    bill = _Bill()
    async with _extracting(_UNUSABLE[case], _UNUSABLE[case], bill=bill) as (server, extractor):
        with pytest.raises(PermanentError) as raised:
            await extractor.extract(_MESSAGE, ANN)
    assert raised.value.reason == "invalid_model_output"
    assert len(server.requests) == len(bill.items) == 2


async def test_an_endpoint_without_schemas_gets_the_schema_in_words_from_then_on() -> None:
    async with _extracting(unknown_response_format(), Answer(_GOOD), Answer(_GOOD)) as (server, extractor):
        await extractor.extract(_MESSAGE, ANN)
        await extractor.extract(_MESSAGE, ANN)
    formats = [request.body["response_format"]["type"] for request in server.requests]
    assert formats == ["json_schema", "json_object", "json_object"]
    worded = ["JSON schema:" in request.body["messages"][0]["content"] for request in server.requests]
    assert worded == [False, True, True]


async def test_an_endpoint_that_knows_no_form_at_all_is_asked_plainly() -> None:
    refusals = (unknown_response_format(), Failure(400, "unknown field", parameter="response_format"))
    async with _extracting(*refusals, Answer(f"```json\n{_GOOD}\n```")) as (server, extractor):
        extraction = await extractor.extract(_MESSAGE, ANN)
    assert "response_format" not in _sent(server, 2)
    assert len(extraction.statements) == 1


async def test_parameters_that_a_model_refuses_are_left_out_from_then_on() -> None:
    temperature = Failure(400, "Only the default (1) value is supported", parameter="temperature")
    seed = Failure(400, "Unrecognized request argument: seed")
    async with _extracting(temperature, seed, Answer(_GOOD), Answer(_GOOD)) as (server, extractor):
        await extractor.extract(_MESSAGE, ANN)
        await extractor.extract(_MESSAGE, ANN)
    assert len(server.requests) == 4
    assert not {"temperature", "seed"} & _sent(server, 3).keys()


async def test_a_message_that_is_refused_after_others_were_answered_is_given_up() -> None:
    async with _extracting(Answer(_GOOD), Failure(400, "invalid content")) as (_, extractor):
        await extractor.extract(_MESSAGE, ANN)
        with pytest.raises(PermanentError) as raised:
            await extractor.extract(_MESSAGE, ANN)
    assert raised.value.reason == "refused_by_model"
    assert "invalid content" in raised.value.detail


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_wrong_setting_is_a_dependency_and_buries_nothing(status: int) -> None:
    async with _extracting(Failure(status, "no such model")) as (server, extractor):
        with pytest.raises(DependencyError):
            await extractor.extract(_MESSAGE, ANN)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_the_key_is_in_no_exception_and_no_log(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    leak = Failure(status, f"Incorrect API key provided: {_KEY}", code=f"bad_{_KEY}")
    async with _extracting(Answer(_GOOD), leak, attempts=1) as (_, extractor):
        await extractor.extract(_MESSAGE, ANN)
        with pytest.raises((DependencyError, PermanentError)) as raised:
            await extractor.extract(_MESSAGE, ANN)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert _KEY not in f"{raised.value!r} {raised.value}"
    assert _KEY not in caplog.text


@pytest.mark.parametrize(
    "message",
    [
        recorded("   "),
        recorded("...!?"),
        recorded("I live in Berlin.", role="assistant"),
        recorded("You are helpful.", role="system", name="example"),
    ],
    ids=["blank", "punctuation", "assistant", "system"],
)
async def test_a_message_that_says_nothing_of_anybody_is_not_sent(message: Any) -> None:
    async with _extracting() as (server, extractor):
        extraction = await extractor.extract(message, ANN)
    assert server.requests == []
    assert (extraction.statements, extraction.usage) == ((), Usage())
    assert (extraction.model, extraction.prompt_hash) == ("small", prompt_hash())


async def test_a_long_message_is_read_in_parts_whose_places_are_those_of_the_whole() -> None:
    content = "Nothing to see here. " * 30 + "I live in Berlin. " + "Nothing to see here. " * 30
    async with _extracting(longest=200) as (server, extractor):
        server.reply = lambda body: (
            _GOOD if "I live in Berlin" in body["messages"][1]["content"] else '{"memories": []}'
        )
        extraction = await extractor.extract(recorded(content), ANN)
    (statement,) = extraction.statements
    assert content[statement.start : statement.end] == "I live in Berlin"
    assert extraction.usage.requests == len(server.requests) > 5


async def test_inventions_are_dropped_and_counted() -> None:
    invented = _GOOD.replace('"quote": "I live in Berlin"', '"quote": "I live in Paris"')
    async with _extracting(Answer(invented)) as (_, extractor):
        extraction = await extractor.extract(_MESSAGE, ANN)
    assert (extraction.statements, extraction.dropped) == ((), ("quote_not_found",))
