"""Retention's composition root."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry

from mneme_common.adapters.broker_directory import directory_of
from mneme_common.adapters.faststream_kafka import JobClients
from mneme_common.adapters.job_rows import PostgresJobRows
from mneme_common.adapters.postgres import Database
from mneme_common.adapters.token_account import TokenAccount
from mneme_common.adapters.worker_rows import DeadLetterRows, WorkerRows
from mneme_common.contracts.topics import Stage
from mneme_common.runtime.job_delivery import JobHandler
from mneme_common.runtime.jobs import JobsConsumer
from mneme_common.runtime.process import run_process, worker_process
from mneme_common.runtime.stage import Checkpoint, ignore
from mneme_common.telemetry.logs import configure_logs
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress
from mneme_retention.adapters.extractive_distiller import ExtractiveDistiller
from mneme_retention.adapters.model_distiller import ModelDistiller
from mneme_retention.commanding import Commanding
from mneme_retention.handlers.backfill_schema import BackfillSchemas
from mneme_retention.handlers.expire_memories import ExpireMemoriesOfTenant
from mneme_retention.handlers.run_reflection import RunReflections
from mneme_retention.handlers.run_retention import RunRetentionPolicy
from mneme_retention.metrics import ReflectionMetrics
from mneme_retention.ports import Clock, Distiller
from mneme_retention.scheduler import Scheduler
from mneme_retention.settings import RetentionSettings
from mneme_retention.store.backfills import BackfillRows
from mneme_retention.store.job_book import JobTable
from mneme_retention.store.ledger import LedgerRows
from mneme_retention.store.memories import MemoryRows
from mneme_retention.store.messages import MessageRows
from mneme_retention.store.reflections import ReflectionRows


def _now() -> datetime:
    return datetime.now(UTC)


async def run(settings: RetentionSettings, *, checkpoint: Checkpoint = ignore, clock: Clock = _now) -> None:
    """Works until SIGTERM."""
    database = Database(
        settings.writer_database_url.get_secret_value(), name="retention", size=settings.database_pool_size
    )
    registry = CollectorRegistry()
    progress = Progress(Stage.RETENTION.value)
    await database.open()
    try:
        await database.require_safe_role()
        process = worker_process(
            progress, WorkerRows(database), registry, host=settings.worker_host, port=settings.worker_port
        )
        async with (
            process as stopping,
            directory_of(settings, database) as directory,
            _distiller(settings, database, ReflectionMetrics(registry), clock) as distil,
        ):
            consumer = JobsConsumer(
                stage=Stage.RETENTION.value,
                group=Stage.RETENTION.value,
                handlers=_handlers(settings, database, clock, distil),
                rows=PostgresJobRows(database),
                directory=directory,
                clients=JobClients(settings),
                letters=DeadLetterRows(database),
                metrics=WorkerMetrics(Stage.RETENTION.value, registry),
                progress=progress,
                stopping=stopping,
                drain_seconds=settings.drain_seconds,
                session_timeout_ms=settings.kafka_session_timeout_ms,
                assign_all=settings.kafka_assignment == "all",
                publishes=True,
                checkpoint=checkpoint,
            )
            async with consumer.beside():
                await _scheduler(settings, database, clock).run(stopping)
    finally:
        await database.close()


@asynccontextmanager
async def _distiller(
    settings: RetentionSettings, database: Database, metrics: ReflectionMetrics, clock: Clock
) -> AsyncIterator[Distiller]:
    """The one that the settings choose."""
    if not settings.distils_with_model:
        yield ExtractiveDistiller()
        return
    # Only here, since the client costs a second and 60 MB that nothing else in this process needs.
    from mneme_common.adapters.chat_endpoint import chat_endpoint  # noqa: PLC0415

    async with chat_endpoint(
        model=settings.llm_model,
        api_key=settings.model_key,
        base_url=settings.openai_base_url,
        limit_seconds=settings.llm_timeout_seconds,
        attempts=settings.llm_attempts,
        spent=metrics.spent,
        doing="reflect",
    ) as endpoint:
        yield ModelDistiller(endpoint, TokenAccount(database, clock), ExtractiveDistiller(), metrics.fell_back)


def _handlers(
    settings: RetentionSettings, database: Database, clock: Clock, distil: Distiller
) -> dict[str, JobHandler]:
    command, memories = Commanding(LedgerRows(database), clock), MemoryRows(database)
    return {
        "retention.run": RunRetentionPolicy(MessageRows(database), memories, command, clock, settings.retention_mode),
        "memories.expire": ExpireMemoriesOfTenant(memories, command, clock),
        "schema.backfill": BackfillSchemas(BackfillRows(database), BackfillRows(database), command),
        "reflection.run": RunReflections(
            ReflectionRows(database),
            distil,
            command,
            clock,
            settings.reflection_threshold,
            timedelta(hours=settings.reflection_interval_hours),
        ),
    }


def _scheduler(settings: RetentionSettings, database: Database, clock: Clock) -> Scheduler:
    return Scheduler(
        JobTable(database),
        clock,
        settings.retention_schedule_seconds,
        settings.expiry_schedule_seconds,
        settings.retention_tenants,
        settings.reflection_schedule_seconds,
    )


def main() -> None:
    """The process: 0 after a drain."""
    settings = RetentionSettings()
    configure_logs(Stage.RETENTION.value, level=settings.log_level, form=settings.log_format)
    run_process(run(settings))


if __name__ == "__main__":
    main()
