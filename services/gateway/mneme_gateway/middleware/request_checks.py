"""What is refused before a route is looked for: bodies too large or not JSON, versions nobody has, NUL."""

from __future__ import annotations

import asyncio
import contextlib
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mneme_common.domain.limits import BATCH_BODY_MAX_BYTES, BODY_MAX_BYTES
from mneme_gateway.errors import ApiError

SUPPORTED_VERSIONS = ("v1", "v2")
_PATH_VERSION = re.compile(r"/(v\d+)(?:/|$)")
_BATCH = re.compile(r"/v1/(?:messages|memories)/batch(?:/|$)")
_DISCARD_BYTES = 2 * BATCH_BODY_MAX_BYTES
_DISCARD_SECONDS = 2.0
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)


class RequestChecks:
    """Raises ApiError, which the request context turns into an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        _refuse_nul(scope)
        _refuse_unknown_version(scope["path"], headers.get("x-api-version"))
        limit = BATCH_BODY_MAX_BYTES if _BATCH.match(scope["path"]) else BODY_MAX_BYTES
        length = headers.get("content-length")
        if length is not None and length.isdigit() and int(length) > limit:
            await _discard(receive)
            raise _too_large(limit)
        _refuse_other_than_json(headers)
        await self._app(scope, _counted(receive, limit), send)


def _refuse_nul(scope: Scope) -> None:
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        raise ApiError(400, "NUL_BYTE", "Paths and queries must not contain NUL.")


def _refuse_unknown_version(path: str, asked: str | None) -> None:
    named = _PATH_VERSION.match(path)
    for version in (named[1] if named else None, asked):
        if version is None:
            continue
        normal = version.lower() if version.lower().startswith("v") else f"v{version}"
        if normal not in SUPPORTED_VERSIONS:
            raise ApiError(
                400,
                "UNSUPPORTED_API_VERSION",
                "This API version is not supported.",
                details={"version": version[:32], "supported_versions": list(SUPPORTED_VERSIONS)},
            )


def _refuse_other_than_json(headers: Headers) -> None:
    length = headers.get("content-length")
    has_body = (length is not None and length != "0") or "transfer-encoding" in headers
    if has_body and not _JSON.fullmatch(headers.get("content-type", "")):
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Bodies must be JSON: send Content-Type: application/json.")


def _counted(receive: Receive, limit: int) -> Receive:
    """The body as it comes, until it is more than the limit."""
    size = 0

    async def count() -> Message:
        nonlocal size
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > limit:
                await _discard(receive)
                raise _too_large(limit)
        return message

    return count


async def _discard(receive: Receive) -> None:
    """Reads on for a while: who is still sending would see a broken connection instead of the answer."""
    size, more = 0, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_SECONDS):
            while more and size < _DISCARD_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                more = message.get("more_body", False)


def _too_large(limit: int) -> ApiError:
    message = f"The body must have at most {limit} bytes."
    return ApiError(413, "BODY_TOO_LARGE", message, headers={"Connection": "close"})
