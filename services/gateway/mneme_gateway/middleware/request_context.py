"""The outermost layer: request id, common headers, time limit, metrics, and the last resort for errors."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Iterable
from uuid import uuid4

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mneme_gateway.errors import ApiError, error_response
from mneme_gateway.metrics import GatewayMetrics

API_VERSION = "v1"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-api-version", API_VERSION.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
)
_API_ONLY: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_TOO_LARGE = 413
_PASSED_OVER_BYTES = 33_554_432
_PASSED_OVER_SECONDS = 2.0
_PAGES = ("/docs", "/redoc")
_TOO_SLOW = ApiError(
    504,
    "TIMEOUT",
    "The request took too long; whether a write was accepted is not known.",
    hint="Send a write again with the same Idempotency-Key.",
)
_OUR_FAULT = ApiError(500, "INTERNAL_ERROR", "Something went wrong on our side.", hint="Quote the request id.")


class RequestContext:
    """Answers every request, whatever happens inside."""

    def __init__(self, app: ASGIApp, *, metrics: GatewayMetrics, timeout_seconds: float) -> None:
        self._app = app
        self._metrics = metrics
        self._timeout = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        response = _Response(send, [(b"x-request-id", request_id.encode()), *_ALWAYS, *_page_headers(scope["path"])])
        started = time.perf_counter()
        try:
            await self._answer(scope, receive, response, request_id)
        finally:
            path = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.requests.labels(scope["method"], path, str(response.status)).inc()
            self._metrics.latency.labels(scope["method"], path).observe(time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, response: _Response, request_id: str) -> None:
        log = structlog.get_logger("mneme.gateway")
        try:
            async with asyncio.timeout(self._timeout):
                await self._app(scope, receive, response.send)
        except ApiError as error:
            refusal = error
        except TimeoutError:
            refusal = _TOO_SLOW
        except Exception:
            log.exception("request failed", request_id=request_id, path=scope["path"])
            refusal = _OUR_FAULT
        else:
            return
        if response.status:
            return
        if refusal.status_code == _TOO_LARGE and "expect" not in Headers(scope=scope):
            await _pass_over(receive)
        await error_response(refusal, request_id)(scope, receive, response.send)


class _Response:
    """Passes a response on, adding headers that it does not have and noting its status (0 until it starts)."""

    def __init__(self, send: Send, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0

    async def send(self, message: Message) -> None:
        """ASGI's send."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = list(message.get("headers", ()))
            there = {name.lower() for name, _ in own}
            message["headers"] = own + [header for header in self._headers if header[0] not in there]
        await self._send(message)


async def _pass_over(receive: Receive) -> None:
    """Reads on for a moment, keeping nothing: whoever is cut off while sending never sees why."""
    left = _PASSED_OVER_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PASSED_OVER_SECONDS):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))


def _request_id(given: str | None) -> str:
    return given if given is not None and _REQUEST_ID.fullmatch(given) else uuid4().hex


def _page_headers(path: str) -> tuple[tuple[bytes, bytes], ...]:
    return () if path.startswith(_PAGES) else _API_ONLY
