"""Where nobody needs a key, only this machine may ask, and no web page may do so in a visitor's name."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mneme_gateway.errors import ApiError


def is_loopback(host: str) -> bool:
    """Whether a name or address can only mean this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class LoopbackGuard:
    """Refuses a Host that is not loopback (421: a rebound name) and an Origin other than this server's (403)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            host = headers.get("host", "")
            if not is_loopback(_host_name(host)):
                raise ApiError(421, "FOREIGN_HOST", "Without authentication this server answers to its own host only.")
            if _foreign_origin(headers, host):
                raise ApiError(403, "FOREIGN_ORIGIN", "Without authentication no other web page may call this server.")
        await self._app(scope, receive, send)


def _foreign_origin(headers: Headers, host: str) -> bool:
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host}".lower():
        return True
    return headers.get("sec-fetch-site") in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate"


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
