"""The life of a worker process: signals, the health endpoint, the heartbeat, the way out."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import structlog
import uvloop
from prometheus_client import CollectorRegistry

from mneme_common.telemetry.endpoint import serve_endpoint
from mneme_common.telemetry.progress import Heartbeats, Progress, beat_until_cancelled

_LEAVE_SECONDS = 2.0
_COLLECT_AFTER = 20_000
"""Objects; about what a batch of five hundred events makes."""


def run_process(duty: Coroutine[None, None, None]) -> None:
    """Runs a process's coroutine to its end, on a loop that costs half as much as the standard library's.

    What has been imported stays to the end, so the collector of cycles need not look at it again and again; and what a
    batch makes goes with the batch, nearly all of it without the collector.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    uvloop.run(duty)


@asynccontextmanager
async def worker_process(
    progress: Progress, heartbeats: Heartbeats, registry: CollectorRegistry, *, host: str, port: int
) -> AsyncIterator[asyncio.Event]:
    """Serves health and metrics and beats while the block runs; yields the event that SIGTERM and SIGINT set."""
    log = structlog.get_logger("mneme.worker")
    stopping = asyncio.Event()
    stop_on_signals(stopping.set)
    async with serve_endpoint(host, port, registry, progress.health) as bound:
        log.info("started", instance=progress.instance, endpoint=f"http://{host}:{bound}")
        beating = asyncio.create_task(beat_until_cancelled(progress, heartbeats), name="heartbeat")
        try:
            yield stopping
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating
            with contextlib.suppress(Exception):
                await asyncio.wait_for(heartbeats.leave(progress), _LEAVE_SECONDS)
            log.info("stopped", processed=progress.processed)


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Calls ``stop`` on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
