"""Nothing but health is answered before the API may open."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from mneme_gateway.errors import ApiError

_ALWAYS = frozenset(
    {"/health", "/health/instance", "/healthz", "/healthz/live", "/healthz/ready", "/v1/admin/health"}
    | {"/v1/admin/readiness", "/metrics"}
)


class OpenOrClosed:
    """Raises ApiError 503 while ``is_open`` says no."""

    def __init__(self, app: ASGIApp, is_open: Callable[[], bool]) -> None:
        self._app = app
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in _ALWAYS and not self._is_open():
            raise ApiError(
                503,
                "ERASURES_PENDING",
                "Erasures are being compared, or applied again after a restore; the API opens once that is done.",
                headers={"Retry-After": "2"},
            )
        await self._app(scope, receive, send)
