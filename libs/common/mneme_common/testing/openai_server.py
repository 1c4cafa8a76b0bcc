"""A server on loopback that speaks the OpenAI API as far as Mneme uses it, and misbehaves when it is told to.

/v1/chat/completions answers what the test scripted, in order, and then what its ``reply`` says; /v1/embeddings answers
vectors that are a function of the words. Both count what they were asked.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from mneme_common.testing.waiting import eventually

Json = dict[str, Any]

_NOTHING_FOUND = '{"memories": []}'
_DIMENSIONS = 64


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: Json


@dataclass(frozen=True, slots=True)
class Answer:
    """A completion with this text; ``finish`` "length" says that it was cut off."""

    text: str
    finish: str = "stop"
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error status with a body in OpenAI's form, or any other bytes."""

    status: int
    message: str = "no"
    code: str | None = None
    parameter: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection ends in the middle of the body of a good answer."""


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer until the server is closed: longer than any timeout."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """Status 200 with a body that is none of the API's."""

    body: bytes = b'{"id": "chatcmpl-1", "choi'


Behaviour = Answer | Failure | Dropped | Silent | Garbled


def rate_limited(retry_after: str) -> Failure:
    """A 429 that says when to come again."""
    return Failure(429, "slow down", "rate_limit_exceeded", headers={"Retry-After": retry_after})


def unknown_response_format() -> Failure:
    """What servers say that do not know structured output."""
    return Failure(400, "'response_format' of type 'json_schema' is not supported", parameter="response_format")


@dataclass(slots=True)
class OpenAIServer:
    """``script`` holds what the next chat requests get; when it is empty, ``reply`` makes the answer, or its text."""

    reply: Callable[[Json], str | Behaviour] = lambda _body: _NOTHING_FOUND
    script: deque[Behaviour] = field(default_factory=deque)
    requests: list[Received] = field(default_factory=list)
    base_url: str = ""
    in_hand: int = 0
    most_in_hand: int = 0
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    _open: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[OpenAIServer]:
        """Serves on a free port while the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        try:
            yield self
        finally:
            server.close()
            self.ending.set()
            await eventually(lambda: self._open == 0, message="every connection is closed")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; it is closed after its answer, so that each request stands for itself."""
        self._open += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                request = await _read(reader)
                self.requests.append(request)
                await self._answer(request, writer)
        finally:
            writer.close()
            self._open -= 1

    async def _answer(self, request: Received, writer: asyncio.StreamWriter) -> None:
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        try:
            if request.path == "/v1/embeddings":
                await _write(writer, 200, orjson.dumps(_embeddings(request.body)))
            elif request.path == "/v1/chat/completions":
                behaviour = self.script.popleft() if self.script else self.reply(request.body)
                behaviour = Answer(behaviour) if isinstance(behaviour, str) else behaviour
                await self._behave(behaviour, request, writer)
            else:
                await _write(writer, 404, b"{}")
        finally:
            self.in_hand -= 1

    async def _behave(self, behaviour: Behaviour, request: Received, writer: asyncio.StreamWriter) -> None:
        match behaviour:
            case Answer():
                await _write(writer, 200, orjson.dumps(_completion(behaviour, request.body)))
            case Failure():
                await _write(writer, behaviour.status, _error(behaviour), behaviour.headers)
            case Garbled():
                await _write(writer, 200, behaviour.body)
            case Dropped():
                body = orjson.dumps(_completion(Answer(_NOTHING_FOUND), request.body))
                await _write(writer, 200, body, promised=len(body) * 2)
            case Silent():
                await self.ending.wait()


async def _read(reader: asyncio.StreamReader) -> Received:
    _, path, _ = (await reader.readuntil(b"\n")).decode().split(" ", 2)
    headers: dict[str, str] = {}
    while line := (await reader.readline()).decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(path, headers, orjson.loads(body or b"{}"))


async def _write(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    further: Mapping[str, str] | None = None,
    *,
    promised: int | None = None,
) -> None:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body) if promised is None else promised),
        "Connection": "close",
        **(further or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + body)
    await writer.drain()


def _completion(answer: Answer, request: Json) -> Json:
    """Ten tokens for the question, one for every four characters of the answer."""
    message = {"role": "assistant", "content": None if answer.refusal else answer.text, "refusal": answer.refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": f"{request.get('model')}-scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish, "logprobs": None}],
        "usage": {"prompt_tokens": 10, "completion_tokens": len(answer.text) // 4, "total_tokens": 10},
    }


def _error(failure: Failure) -> bytes:
    if failure.body is not None:
        return failure.body
    error = {"message": failure.message, "type": "error", "param": failure.parameter, "code": failure.code}
    return orjson.dumps({"error": error})


def _embeddings(request: Json) -> Json:
    texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
    dimensions = request.get("dimensions") or _DIMENSIONS
    encode = _base64 if request.get("encoding_format") == "base64" else list
    data = [
        {"object": "embedding", "index": index, "embedding": encode(embedding(text, dimensions))}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return {"object": "list", "model": request.get("model"), "data": data, "usage": usage}


def embedding(text: str, dimensions: int = _DIMENSIONS) -> list[float]:
    """The vector of a text, of length 1: the sum of one hashed direction a word, so that like texts are near."""
    total = [0.0] * dimensions
    for word in text.lower().split() or [""]:
        digest = hashlib.shake_128(word.encode()).digest(dimensions)
        total = [before + byte / 127.5 - 1.0 for before, byte in zip(total, digest, strict=True)]
    length = sum(value * value for value in total) ** 0.5 or 1.0
    return [value / length for value in total]


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
