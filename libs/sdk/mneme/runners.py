"""The two ways to carry out an exchange: blocking and awaiting. Only here is anything sent."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from typing import TypeVar

import httpx

from mneme.exchange import Call, Context, Pause, Request
from mneme.options import Options, is_local
from mneme.retry import Reply
from mneme.version import __version__

T = TypeVar("T")

_USER_AGENT = f"mneme-python/{__version__}"
_CONNECT_SECONDS = 5.0


class SyncConnection:
    """Connections that open with the first request and are shared between threads."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url
        self._transport = transport
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def send(self, request: Request, options: Options) -> Reply:
        """The answer, or why there is none."""
        client = self._open()
        try:
            return client.send(_prepared(client, request, options))
        except httpx.TransportError as error:
            return error

    def close(self) -> None:
        """Ends the connections; the next request would open new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _open(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                trust_env = not is_local(self.url)
                self._client = httpx.Client(base_url=self.url, transport=self._transport, trust_env=trust_env)
            return self._client


class AsyncConnection:
    """The same, for one event loop."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.url = url
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def send(self, request: Request, options: Options) -> Reply:
        """The answer, or why there is none."""
        client = self._open()
        try:
            return await client.send(_prepared(client, request, options))
        except httpx.TransportError as error:
            return error

    async def close(self) -> None:
        """Ends the connections; the next request would open new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            trust_env = not is_local(self.url)
            self._client = httpx.AsyncClient(base_url=self.url, transport=self._transport, trust_env=trust_env)
        return self._client


class SyncRunner:
    """Carries out exchanges and blocks meanwhile."""

    def __init__(self, options: Options, connection: SyncConnection) -> None:
        self.options = options
        self.connection = connection

    def run(self, call: Call[T]) -> T:
        """The result of the call; raises MnemeError."""
        exchange = call(_context(self.options))
        reply: Reply | None = None
        while True:
            try:
                step = exchange.send(reply)
            except StopIteration as finished:
                result: T = finished.value
                return result
            reply = None
            if isinstance(step, Pause):
                time.sleep(step.seconds)
            else:
                reply = self.connection.send(step, self.options)


class AsyncRunner:
    """Carries out exchanges and lets others run meanwhile."""

    def __init__(self, options: Options, connection: AsyncConnection) -> None:
        self.options = options
        self.connection = connection

    async def run(self, call: Call[T]) -> T:
        """The result of the call; raises MnemeError."""
        exchange = call(_context(self.options))
        reply: Reply | None = None
        while True:
            try:
                step = exchange.send(reply)
            except StopIteration as finished:
                result: T = finished.value
                return result
            reply = None
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            else:
                reply = await self.connection.send(step, self.options)


def _context(options: Options) -> Context:
    return Context(options, time.monotonic, random.random)


def _prepared(client: httpx.Client | httpx.AsyncClient, request: Request, options: Options) -> httpx.Request:
    headers = {"User-Agent": _USER_AGENT, "Accept": "application/json", **request.headers}
    if options.api_key:
        headers["Authorization"] = f"Bearer {options.api_key}"
    return client.build_request(
        request.method,
        request.path,
        params=_texts(request) or None,
        json=request.body,
        headers=headers,
        timeout=httpx.Timeout(request.timeout, connect=_CONNECT_SECONDS),
    )


def _texts(request: Request) -> dict[str, str | list[str]]:
    """Query parameters as text; a sequence becomes one parameter for each of its items."""
    return {
        name: [str(item) for item in value] if isinstance(value, list | tuple) else _text(value)
        for name, value in request.params.items()
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
