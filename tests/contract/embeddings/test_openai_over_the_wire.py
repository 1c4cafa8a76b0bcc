"""The OpenAI path against a server that also misbehaves: what is tried again, what waits, what is given up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from mneme_common.adapters.embedding_openai import OpenAIEmbeddings
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vector_indexes import ModelChoice
from tests.contract.embeddings.openai_server import DIMENSION, always, answer_of, first, good_answer, vector_of
from tests.contract.scripted_http import Reply, Request, Script, ScriptedServer, as_json, scripted_server

SOON = {"Retry-After": "0.01"}
ERROR = b'{"error": {"message": "no", "type": "x", "code": null, "param": null}}'


@asynccontextmanager
async def opened(
    script: Script, *, dimensions: int | None = None, max_bytes: int = 8_000, patience: float = 5.0, retries: int = 2
) -> AsyncIterator[tuple[OpenAIEmbeddings, ScriptedServer]]:
    """An open model on a server that follows the script, whose first answer is the probe's."""
    async with scripted_server(script) as server:
        model = OpenAIEmbeddings.connect(
            "small",
            api_key="secret",
            base_url=server.url,
            dimensions=dimensions,
            max_bytes=max_bytes,
            timeout=patience,
            retries=retries,
        )
        await model.open()
        yield model, server
        await model.disconnect()


async def test_the_dimension_is_learned_from_the_server() -> None:
    async with opened(good_answer) as (model, server):
        assert (model.dimension, model.name, len(server.requests)) == (DIMENSION, "openai/small", 1)


async def test_the_first_embedding_opens_the_model() -> None:
    async with scripted_server(good_answer) as server:
        model = OpenAIEmbeddings.connect("small", api_key="secret", base_url=server.url)
        assert (await model.embed(["text"])).shape == (1, DIMENSION)
        assert len(server.requests) == 2
        await model.disconnect()


async def test_key_and_model_are_sent_and_no_dimension_unless_asked() -> None:
    async with opened(good_answer) as (_, server):
        request = server.requests[0]
        assert (request.path, request.headers["authorization"]) == ("/embeddings", "Bearer secret")
        assert request.json["model"] == "small"
        assert "dimensions" not in request.json


async def test_a_chosen_dimension_is_asked_for_and_named() -> None:
    async with opened(lambda request: good_answer(request, dimension=8), dimensions=8) as (model, server):
        assert server.requests[0].json["dimensions"] == 8
        assert (model.dimension, model.name) == (8, "openai/small@8")
        assert model.name != ModelChoice("openai", "small").name


async def test_vectors_are_put_in_the_order_of_their_indexes() -> None:
    async with opened(good_answer) as (model, _):
        vectors = await model.embed(["first text", "second text"])
        assert np.allclose(vectors, [vector_of("first text"), vector_of("second text")], atol=1e-5)


async def test_many_texts_go_in_requests_of_at_most_128() -> None:
    async with opened(good_answer) as (model, server):
        await model.embed([f"text {number}" for number in range(300)])
        assert [len(request.json["input"]) for request in server.requests[1:]] == [128, 128, 44]


async def test_long_texts_go_in_requests_of_bounded_size() -> None:
    async with opened(good_answer) as (model, server):
        await model.embed(["word " * 1_600] * 100)
        assert max(len(request.body) for request in server.requests) < 300_000


async def test_a_text_is_cut_to_what_the_model_takes() -> None:
    async with opened(good_answer, max_bytes=10) as (model, server):
        await model.embed(["日本語のテキスト", "0123456789abc"])
        assert server.requests[-1].json["input"] == ["日本語", "0123456789"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_server_is_asked_again(status: int) -> None:
    async with opened(first(Reply(status, ERROR, SOON), times=2)) as (model, server):
        assert (await model.embed(["text"])).shape == (1, DIMENSION)
        assert len(server.requests) == 4


async def test_a_dropped_connection_is_tried_again() -> None:
    async with opened(first(Reply(dropped=True)), retries=1) as (model, server):
        assert (await model.embed(["text"])).shape == (1, DIMENSION)
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "reply",
    [Reply(429, ERROR, SOON), Reply(500, ERROR, SOON), Reply(401, ERROR), Reply(403, ERROR), Reply(404, ERROR)],
    ids=lambda reply: str(reply.status),
)
async def test_a_server_that_cannot_serve_us_is_a_dependency_that_is_away(reply: Reply) -> None:
    async with opened(always(reply)) as (model, server):
        with pytest.raises(DependencyError):
            await model.embed(["text"])
        assert len(server.requests) <= 4


@pytest.mark.parametrize("reply", [Reply(dropped=True), Reply(slow=True)], ids=["dropped", "slow"])
async def test_a_server_that_does_not_answer_is_a_dependency_that_is_away(reply: Reply) -> None:
    async with opened(always(reply), patience=0.2, retries=0) as (model, _):
        with pytest.raises(DependencyError):
            await model.embed(["text"])


async def test_a_truncated_answer_is_no_fault_of_the_text() -> None:
    async with opened(always(Reply(200, b'{"object": "list", "data": [{"ind'))) as (model, _):
        with pytest.raises(DependencyError):
            await model.embed(["text"])


async def test_a_refused_text_fails_for_good() -> None:
    async with opened(always(Reply(400, ERROR))) as (model, server):
        with pytest.raises(PermanentError, match="embedding_refused"):
            await model.embed(["text"])
        assert len(server.requests) == 2


WRONG: dict[str, Callable[[Request], Reply]] = {
    "none": lambda _: as_json({"object": "list", "data": [], "model": "m"}),
    "no data": lambda _: as_json({"object": "list", "model": "m"}),
    "too few": lambda _: answer_of([vector_of("one")]),
    "too many": lambda _: answer_of([vector_of("one")] * 3),
    "twice the same": lambda _: as_json({"data": [{"index": 0, "embedding": [1.0]}] * 2}),
    "empty": lambda _: as_json({"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]}),
    "ragged": lambda _: as_json({"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}]}),
    "not finite": lambda _: answer_of([vector_of("one"), vector_of("one") * np.float32(np.nan)]),
    "not numbers": lambda _: as_json({"data": [{"index": i, "embedding": ["x"]} for i in range(2)]}),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_an_answer_that_fits_no_text_fails_for_good(wrong: Callable[[Request], Reply]) -> None:
    seen = iter(range(10))
    async with opened(lambda request: wrong(request) if next(seen) else good_answer(request)) as (model, _):
        with pytest.raises(PermanentError, match="embedding_invalid"):
            await model.embed(["one", "two"])


async def test_a_model_that_changes_its_dimension_buries_nothing() -> None:
    seen = iter(range(10))
    script: Script = lambda request: good_answer(request, dimension=8 if next(seen) else 32)  # noqa: E731
    async with opened(script) as (model, _):
        with pytest.raises(DependencyError, match="dimension 8"):
            await model.embed(["text"])


async def test_nobody_at_the_address_is_a_dependency_that_is_away() -> None:
    async with scripted_server(good_answer) as server:
        url = server.url
    model = OpenAIEmbeddings.connect("small", api_key=None, base_url=url, retries=0)
    with pytest.raises(DependencyError):
        await model.open()
    await model.disconnect()


async def test_secrets_and_personal_data_are_never_sent() -> None:
    async with scripted_server(good_answer) as server:
        model = OpenAIEmbeddings.connect("some-model", api_key="key", base_url=server.url)
        await model.embed(["write to zoe@example.org, my password: hunter2-and-more"])
        (sent,) = server.requests[-1].json["input"]
        assert "zoe@example.org" not in sent
        assert "hunter2" not in sent
        assert sent.startswith("write to [")
        await model.disconnect()
