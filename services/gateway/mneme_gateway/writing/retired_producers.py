"""Producers that are given up: they close in the background, which takes as long as their requests may take."""

from __future__ import annotations

import asyncio
import contextlib

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError


class RetiredProducers:
    """Closes producers without keeping anybody waiting."""

    def __init__(self) -> None:
        self._closing: set[asyncio.Task[None]] = set()

    def retire(self, producer: AIOKafkaProducer) -> None:
        """Closes it, flushing what still can be."""
        task = asyncio.create_task(_stop(producer), name="producer-close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def drain(self, within: float) -> None:
        """Gives those that are still closing so many seconds."""
        if self._closing:
            await asyncio.wait(self._closing, timeout=within)


async def _stop(producer: AIOKafkaProducer) -> None:
    with contextlib.suppress(KafkaError, OSError):
        await producer.stop()
