"""An HTTP server of a few lines that answers as a test tells it to, also badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from mneme_common.testing.waiting import eventually


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``dropped`` closes the connection instead, ``slow`` never answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    dropped: bool = False
    slow: bool = False


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer."""
    return Reply(status, json.dumps(value).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


Script = Callable[[Request], Reply]


@dataclass(slots=True)
class ScriptedServer:
    """Asks ``script`` for every answer and keeps every request."""

    script: Script
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        self.open += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await _read(reader)
            self.requests.append(request)
            reply = self.script(request)
            if reply.slow:
                await self.ending.wait()
            elif not reply.dropped:
                await _write(writer, reply)
        writer.close()
        self.open -= 1


@asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[ScriptedServer]:
    """A server on a loopback port while the block runs."""
    scripted = ScriptedServer(script)
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()
        scripted.ending.set()
        await eventually(lambda: scripted.open == 0, message="every connection is closed")


async def _read(reader: asyncio.StreamReader) -> Request:
    method, path, _ = (await reader.readline()).decode().split(" ", 2)
    headers: dict[str, str] = {}
    while line := (await reader.readline()).decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(reply.body)),
        "Connection": "close",
        **reply.headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} Scripted\r\n{head}\r\n".encode() + reply.body)
    await writer.drain()
