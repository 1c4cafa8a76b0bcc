"""A worker's own small HTTP endpoint: /healthz/live, /healthz/ready and /metrics, on loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Health = Callable[[], Mapping[str, object]]
"""The state of the worker; it is ready when ``ready`` is true."""


@asynccontextmanager
async def serve_endpoint(host: str, port: int, registry: CollectorRegistry, health: Health) -> AsyncIterator[int]:
    """Serves while the block runs; yields the port, chosen by the system when 0 was asked for."""
    config = uvicorn.Config(_app(registry, health), host=host, port=port, log_config=None, access_log=False)
    config.timeout_graceful_shutdown = 1
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(), name="worker-endpoint")
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError(f"the health endpoint could not listen on {host}:{port}")
            await asyncio.sleep(0.01)
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await task


class _QuietServer(uvicorn.Server):
    """A server that leaves the process's signals to the worker."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


def _app(registry: CollectorRegistry, health: Health) -> Starlette:
    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_request: Request) -> Response:
        state = health()
        return JSONResponse(dict(state), status_code=200 if state.get("ready") else 503)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz/live", live), Route("/healthz/ready", ready), Route("/metrics", metrics)])
