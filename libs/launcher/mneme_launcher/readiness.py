"""Asks the API whether it is ready."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

READY_PATH = "/healthz/ready"
_TIMEOUT_S = 2.0


async def is_ready(api_url: str) -> bool:
    """Whether the API answers its readiness check with 200; False while nothing listens."""
    with contextlib.suppress(OSError, TimeoutError, ValueError, IndexError):
        async with asyncio.timeout(_TIMEOUT_S):
            return await _status(api_url) == 200
    return False


async def _status(api_url: str) -> int:
    """The status of one GET, by hand: an HTTP client would be the most expensive import of the launcher."""
    parts = urlsplit(api_url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {READY_PATH} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
