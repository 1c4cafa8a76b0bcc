"""Routes that read JSON strictly: no NaN, no lone surrogates, UTF-8 only."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute


class JsonRequest(Request):
    """A request whose body is parsed by the strict parser; its error is json.JSONDecodeError too."""

    async def json(self) -> Any:
        """The parsed body."""
        return orjson.loads(await self.body())


class JsonRoute(APIRoute):
    """The route class of every router of the gateway."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, given the strict request."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return strictly
