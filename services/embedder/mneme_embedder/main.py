"""The embedder's composition root.

The process wants ``OPENBLAS_NUM_THREADS=1``, set from outside: numpy reads it while it is imported.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

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
from mneme_common.domain.vectors import DimensionMismatchError, OpenableModel, UnsuitableServerError, VectorRegistry
from mneme_common.runtime.failure_policy import HaltedError, delay
from mneme_common.runtime.process import run_process, worker_process
from mneme_common.runtime.stage import Checkpoint, ignore
from mneme_common.runtime.worker import Recover, Worker
from mneme_common.telemetry.logs import configure_logs
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress
from mneme_embedder.decide.targets import IndexableEvent
from mneme_embedder.embedding import Embedding
from mneme_embedder.handlers.catch_up import CatchUp
from mneme_embedder.handlers.index_records import IndexRecords
from mneme_embedder.indexing import Indexing
from mneme_embedder.settings import EmbedderSettings
from mneme_embedder.store.embedding_cache import EmbeddingCacheRows
from mneme_embedder.store.records import RecordRows
from mneme_embedder.store.unindexed import UnindexedRows


async def run(settings: EmbedderSettings, *, checkpoint: Checkpoint = ignore) -> None:
    """Works until SIGTERM; raises HaltedError when nearly everything fails, DimensionMismatchError at the start."""
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
    except (DimensionMismatchError, PermanentError, UnsafeRoleError, UnsuitableServerError) as error:
        sys.exit(str(error))


@asynccontextmanager
async def _indexing(
    settings: EmbedderSettings,
    database: Database,
    progress: Progress,
    stopping: asyncio.Event,
    checkpoint: Checkpoint,
) -> AsyncIterator[Indexing]:
    """The index under the model of the settings, with both at hand; unready while one is away."""
    async with vector_store_of(settings, database) as store, embedding_model_of(settings) as model:
        await _prepare(model, store, progress, stopping)
        cached = settings.embedding_cache and settings.embedder != "wordllama"
        cache = EmbeddingCacheRows(database) if cached else None
        yield Indexing(RecordRows(database), store, Embedding(model, cache), checkpoint)


async def _prepare(model: OpenableModel, store: VectorRegistry, progress: Progress, stopping: asyncio.Event) -> None:
    """Opens the model and makes its place in the store, waiting for either as long as it is away."""
    attempt = 0
    while not stopping.is_set():
        try:
            await model.open()
            await store.register(model.name, model.dimension)
        except DependencyError as error:
            attempt += 1
            progress.waiting.add("prepare")
            structlog.get_logger("mneme.embedder").info("waiting for a dependency", attempt=attempt, error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), delay(attempt))
        else:
            progress.waiting.discard("prepare")
            return


@asynccontextmanager
async def _catching_up(catch_up: CatchUp) -> AsyncIterator[Recover]:
    """What wakes the catching up, which runs beside the block: at the start, and whenever the log has been replaced."""
    running = asyncio.create_task(catch_up.run(), name="catch-up")

    async def wake(_broker: Broker, _emit: object) -> None:
        catch_up.wake()

    try:
        yield wake
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
