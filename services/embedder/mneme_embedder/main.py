"""The embedder's composition root.

The process wants ``OPENBLAS_NUM_THREADS=1``, set from outside: numpy reads it while it is imported.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from mneme_common.adapters.broker_directory import directory_of
from mneme_common.adapters.embedding_choice import embedding_model_of
from mneme_common.adapters.kafka import KafkaClients
from mneme_common.adapters.postgres import Database, UnsafeRoleError
from mneme_common.adapters.vectors_choice import vector_store_of
from mneme_common.adapters.worker_rows import DeadLetterRows, WorkerRows
from mneme_common.contracts.broker import Broker
from mneme_common.contracts.topics import Stage, consumed_by
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vector_indexes import WORDLLAMA, ModelChoice, UnservedModelError, model_to_serve
from mneme_common.domain.vectors import DimensionMismatchError, UnsuitableServerError
from mneme_common.runtime.failure_policy import HaltedError, delay
from mneme_common.runtime.process import run_process, worker_process
from mneme_common.runtime.stage import Checkpoint, ignore
from mneme_common.runtime.worker import Recover, Worker
from mneme_common.telemetry.logs import configure_logs
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress
from mneme_embedder.decide.targets import IndexableEvent
from mneme_embedder.embedding import Embedding
from mneme_embedder.every_index import EveryIndex
from mneme_embedder.handlers.catch_up import CatchUp
from mneme_embedder.handlers.index_records import IndexRecords
from mneme_embedder.handlers.keep_shadows import KeepShadows
from mneme_embedder.indexing import Indexing
from mneme_embedder.settings import EmbedderSettings
from mneme_embedder.store.embedding_cache import EmbeddingCacheRows
from mneme_embedder.store.records import RecordRows
from mneme_embedder.store.unindexed import UnindexedRows
from mneme_embedder.store.vector_indexes import VectorIndexRows


class _StoppedError(Exception):
    """Told to stop before there was anything to work with."""


async def run(settings: EmbedderSettings, *, checkpoint: Checkpoint = ignore) -> None:
    """Works until SIGTERM; raises HaltedError when nearly everything fails, at the start what forbids it."""
    database = Database(
        settings.writer_database_url.get_secret_value(), name="embedder", size=settings.database_pool_size, by_key=True
    )
    registry = CollectorRegistry()
    progress = Progress(Stage.EMBEDDER.value)
    await database.open()
    try:
        await database.require_safe_role()
        process = worker_process(
            progress, WorkerRows(database), registry, host=settings.worker_host, port=settings.worker_port
        )
        async with (
            process as stopping,
            directory_of(settings, database) as directory,
            _indexing(settings, database, progress, stopping, checkpoint) as indexing,
            _catching_up(CatchUp(UnindexedRows(database), indexing)) as recover,
        ):
            await Worker[IndexableEvent](
                stage=IndexRecords(indexing, _now),
                consumes=consumed_by(Stage.EMBEDDER),
                directory=directory,
                clients=KafkaClients(settings),
                letters=DeadLetterRows(database),
                metrics=WorkerMetrics(Stage.EMBEDDER.value, registry),
                progress=progress,
                stopping=stopping,
                batch_size=settings.batch_size,
                drain_seconds=settings.drain_seconds,
                halt_after_run=settings.halt_after_run,
                assign_all=settings.kafka_assignment == "all",
                recover=recover,
                checkpoint=checkpoint,
            ).run()
    except _StoppedError:
        structlog.get_logger("mneme.embedder").info("stopped before it began")
    finally:
        await database.close()


def main() -> None:
    """The process: 0 after a drain, 1 after a halt or with settings that cannot work."""
    try:
        settings = EmbedderSettings()
    except ValidationError as error:
        sys.exit(f"the embedder's settings are wrong: {error}")
    configure_logs(Stage.EMBEDDER.value, level=settings.log_level, form=settings.log_format)
    try:
        run_process(run(settings))
    except HaltedError as error:
        sys.exit(f"halted: {error}")
    except (
        DimensionMismatchError,
        PermanentError,
        UnsafeRoleError,
        UnservedModelError,
        UnsuitableServerError,
    ) as error:
        sys.exit(str(error))


@asynccontextmanager
async def _indexing(
    settings: EmbedderSettings,
    database: Database,
    progress: Progress,
    stopping: asyncio.Event,
    checkpoint: Checkpoint,
) -> AsyncIterator[EveryIndex]:
    """The indexes that are written to, with the one that serves at hand; unready while its model or store is away."""
    rows = VectorIndexRows(database)
    async with vector_store_of(settings, database) as store, contextlib.AsyncExitStack() as opened:

        async def open_index(choice: ModelChoice) -> Indexing:
            model = await opened.enter_async_context(embedding_model_of(settings, choice))
            await model.open()
            await store.register(model.name, model.dimension)
            cached = settings.embedding_cache and choice.embedder != WORDLLAMA
            cache = EmbeddingCacheRows(database) if cached else None
            return Indexing(RecordRows(database), store, Embedding(model, cache), checkpoint)

        serving = await _first(lambda: _serving(rows, settings, open_index), progress, stopping)
        every = EveryIndex(rows, open_index, serving)
        shadows = KeepShadows(
            indexes=rows,
            progress=rows,
            unfilled=UnindexedRows(database),
            every=every,
            store=store,
            clock=_now,
            grace=timedelta(seconds=settings.reembed_grace_seconds),
        )
        async with _beside(shadows.run(), "shadows"):
            yield every


async def _serving(
    rows: VectorIndexRows, settings: EmbedderSettings, open_index: Callable[[ModelChoice], Awaitable[Indexing]]
) -> Indexing:
    """The index that searches use, claimed for the model of the settings when there is none; UnservedModelError."""
    choice = model_to_serve(await rows.all(), settings.embedding_choice)
    indexing = await open_index(choice)
    await rows.claim(choice)
    return indexing


async def _first(ready: Callable[[], Awaitable[Indexing]], progress: Progress, stopping: asyncio.Event) -> Indexing:
    """The first index, however long what it needs is away; raises _StoppedError when the process is to stop."""
    attempt = 0
    while not stopping.is_set():
        try:
            indexing = await ready()
        except DependencyError as error:
            attempt += 1
            progress.waiting.add("prepare")
            structlog.get_logger("mneme.embedder").info("waiting for a dependency", attempt=attempt, error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), delay(attempt))
        else:
            progress.waiting.discard("prepare")
            return indexing
    raise _StoppedError


@asynccontextmanager
async def _catching_up(catch_up: CatchUp) -> AsyncIterator[Recover]:
    """What wakes the catching up, which runs beside the block: at the start, and whenever the log has been replaced."""

    async def wake(_broker: Broker, _emit: object) -> None:
        catch_up.wake()

    async with _beside(catch_up.run(), "catch-up"):
        yield wake


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
    """Works while the block does."""
    running = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
