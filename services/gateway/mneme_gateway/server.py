"""The HTTP server of the gateway: the process's signals stay with the process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp


class Server(uvicorn.Server):
    """Serves until ``should_exit``; requests in hand are finished first, within the drain time."""

    def __init__(self, app: ASGIApp, host: str, port: int, drain_seconds: float) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                lifespan="off",
                timeout_graceful_shutdown=max(1, round(drain_seconds)),
                timeout_keep_alive=30,
                h11_max_incomplete_event_size=65_536,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: uvicorn would raise them again once it has stopped."""
        yield

    def log_address(self) -> None:
        """Says where the API is, once it listens."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        structlog.get_logger("mneme.gateway").info("serving", url=f"http://{host}:{port}")

    def stop(self) -> None:
        """Stops taking connections and drains."""
        self.should_exit = True
