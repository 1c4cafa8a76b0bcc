"""The resolver's composition root."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from mneme_common.adapters.broker_directory import directory_of
from mneme_common.adapters.erasure_choice import erasure_register_of
from mneme_common.adapters.faststream_kafka import JobClients
from mneme_common.adapters.job_rows import PostgresJobRows
from mneme_common.adapters.letter_seal import LetterSeal
from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_choice import vector_store_of
from mneme_common.adapters.worker_rows import DeadLetterRows, WorkerRows
from mneme_common.contracts.broker import BrokerDirectory
from mneme_common.contracts.topics import COMMANDS, TURNS, Stage
from mneme_common.domain.pseudonyms import pseudonym_key
from mneme_common.runtime.failure_policy import HaltedError
from mneme_common.runtime.jobs import JobsConsumer
from mneme_common.runtime.process import run_process, worker_process
from mneme_common.runtime.stage import Checkpoint, ignore
from mneme_common.runtime.worker import Worker
from mneme_common.telemetry.logs import configure_logs
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress
from mneme_resolver.adapters.local_key_wrapper import LocalKeyWrapper
from mneme_resolver.changes import ChangesOfEvents
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.handlers.apply_events import ApplyEvents
from mneme_resolver.handlers.erase_again import EraseAgain
from mneme_resolver.handlers.erase_subject import EraseSubjects
from mneme_resolver.handlers.recover_changes import RecoverChanges
from mneme_resolver.handlers.rewrap_keys import RewrapKeys
from mneme_resolver.handlers.verify_replay import VerifyReplays
from mneme_resolver.metrics import DecisionMetrics
from mneme_resolver.replay.empty_tables import EmptyTables
from mneme_resolver.replay.replays import Replays
from mneme_resolver.settings import ResolverSettings
from mneme_resolver.store.burial import LedgerBurials
from mneme_resolver.store.catch_up import CatchUp
from mneme_resolver.store.erasure import SubjectErasure
from mneme_resolver.store.event_store import PostgresEventStore
from mneme_resolver.store.held_states import HeldStates
from mneme_resolver.store.recovery_lock import RecoveryLock
from mneme_resolver.store.rewrapping import KeyRewrapping
from mneme_resolver.store.subject_keys import SubjectKeys
from mneme_resolver.store.switch_rows import KillSwitchRows


async def run(settings: ResolverSettings, *, checkpoint: Checkpoint = ignore) -> None:
    """Works until SIGTERM; raises HaltedError when nearly everything fails."""
    database = Database(
        settings.writer_database_url.get_secret_value(), name="resolver", size=settings.database_pool_size, by_key=True
    )
    registry = CollectorRegistry()
    progress = Progress(Stage.RESOLVER.value)
    await database.open()
    try:
        await database.require_safe_role()
        process = worker_process(
            progress, WorkerRows(database), registry, host=settings.worker_host, port=settings.worker_port
        )
        async with process as stopping, directory_of(settings, database) as directory:
            metrics = WorkerMetrics(Stage.RESOLVER.value, registry)
            log = _Log(directory, JobClients(settings), metrics, stopping, registry)
            async with vector_store_of(settings, database) as vectors:
                register, erasure = erasure_register_of(settings), SubjectErasure(database, _now)
                days = settings.backup_retention_days
                erase = EraseSubjects(erasure, vectors, settings.vector_store, days, register)
                if register is not None:
                    await EraseAgain(register, erasure.missing, erase)(stopping)
                async with _jobs(settings, database, erase, log).beside():
                    await _worker(settings, database, log, progress, checkpoint).run()
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class _Log:
    """What both consumers of the process share."""

    directory: BrokerDirectory
    clients: JobClients
    metrics: WorkerMetrics
    stopping: asyncio.Event
    registry: CollectorRegistry


def _worker(
    settings: ResolverSettings, database: Database, log: _Log, progress: Progress, checkpoint: Checkpoint
) -> Worker[ResolverEvent]:
    keys = _keys(settings)
    encode = ChangesOfEvents(_now)
    counting = DecisionMetrics(log.registry)
    store = PostgresEventStore(
        database=database,
        keys=keys,
        clock=_now,
        checkpoint=checkpoint,
        create_only=settings.resolver_create_only,
        switches=KillSwitchRows(database, _now, settings.spike_limits),
        count=counting.applied,
        held=HeldStates(settings.resolver_held_memories),
    )
    seal = LetterSeal(*settings.encryption_keys()).seal
    return Worker(
        stage=ApplyEvents(store, encode),
        consumes=(COMMANDS, TURNS),
        directory=log.directory,
        clients=log.clients,
        letters=LedgerBurials(database, keys, _now, seal),
        seal=seal,
        metrics=log.metrics,
        progress=progress,
        stopping=log.stopping,
        batch_size=settings.batch_size,
        drain_seconds=settings.drain_seconds,
        halt_after_run=settings.halt_after_run,
        assign_all=settings.kafka_assignment == "all",
        recover=RecoverChanges(CatchUp(database), encode, RecoveryLock(database)),
        checkpoint=checkpoint,
    )


def _keys(settings: ResolverSettings) -> SubjectKeys:
    return SubjectKeys(LocalKeyWrapper(*settings.encryption_keys()), pseudonym_key(settings.oldest_encryption_key()))


def _jobs(settings: ResolverSettings, database: Database, erase: EraseSubjects, log: _Log) -> JobsConsumer:
    """Replays and erasures run beside the lanes, in a group of their own (decision 8)."""
    url = settings.writer_database_url.get_secret_value()
    keys = _keys(settings)
    replays = Replays(database, EmptyTables(url), keys)
    return JobsConsumer(
        stage=Stage.RESOLVER.value,
        group=f"{Stage.RESOLVER}.jobs",
        handlers={
            "replay.verify": VerifyReplays(replays),
            "subject.erase": erase,
            "keys.rewrap": RewrapKeys(KeyRewrapping(database, keys.wrapper)),
        },
        rows=PostgresJobRows(database),
        directory=log.directory,
        clients=log.clients,
        letters=DeadLetterRows(database),
        metrics=log.metrics,
        progress=Progress(Stage.RESOLVER.value),
        stopping=log.stopping,
        drain_seconds=settings.drain_seconds,
        session_timeout_ms=settings.kafka_session_timeout_ms,
        assign_all=settings.kafka_assignment == "all",
    )


def main() -> None:
    """The process: 0 after a drain, 1 after a halt."""
    settings = ResolverSettings()
    configure_logs(Stage.RESOLVER.value, level=settings.log_level, form=settings.log_format)
    try:
        run_process(run(settings))
    except HaltedError as error:
        sys.exit(f"halted: {error}")


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
