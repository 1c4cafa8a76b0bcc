"""The extractor's composition root."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from mneme_common.adapters.broker_directory import directory_of
from mneme_common.adapters.faststream_kafka import JobClients
from mneme_common.adapters.job_rows import PostgresJobRows
from mneme_common.adapters.postgres import Database, UnsafeRoleError
from mneme_common.adapters.token_account import TokenAccount
from mneme_common.adapters.worker_rows import DeadLetterRows, WorkerRows
from mneme_common.contracts.broker import BrokerDirectory
from mneme_common.contracts.jobs import RerunExtraction
from mneme_common.contracts.topics import CHANGES, Stage
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.model_waiting import WaitReason
from mneme_common.runtime.failure_policy import HaltedError
from mneme_common.runtime.jobs import JobsConsumer
from mneme_common.runtime.process import run_process, worker_process
from mneme_common.runtime.stage import Checkpoint, ignore
from mneme_common.runtime.worker import Worker
from mneme_common.telemetry.logs import configure_logs
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress
from mneme_extractor.adapters.allowance import Allowance
from mneme_extractor.adapters.budgeted_extractor import BudgetedExtractor
from mneme_extractor.adapters.journal_extractor import JournalingExtractor, RuleJournal
from mneme_extractor.adapters.recalling_extractor import RecallingExtractor
from mneme_extractor.adapters.rule_extractor import RuleExtractor
from mneme_extractor.handlers.accept_extraction import AcceptExtractions
from mneme_extractor.handlers.annotate_schema import AnnotateSchemas
from mneme_extractor.handlers.extract_memories import ExtractMemories, Recorded
from mneme_extractor.handlers.preview_extraction import PreviewExtractions
from mneme_extractor.handlers.rerun_extraction import RerunExtractions
from mneme_extractor.handlers.resume_extractions import ResumeExtractions
from mneme_extractor.metrics import ExtractionMetrics
from mneme_extractor.ports import Annotator, Extractor
from mneme_extractor.settings import ExtractorSettings
from mneme_extractor.store.answer_rows import AnswerRows
from mneme_extractor.store.journal_rows import JournalRows
from mneme_extractor.store.postponed_rows import PostponedRows
from mneme_extractor.store.preview_rows import PreviewRows
from mneme_extractor.store.recollection_rows import RecollectionRows
from mneme_extractor.store.revision_rows import RevisionRows
from mneme_extractor.store.run_rows import OutcomeRows, RunRows
from mneme_extractor.store.schema_rows import SchemaRows
from mneme_extractor.store.schema_versions import SchemaVersionRows

if TYPE_CHECKING:
    from mneme_extractor.adapters.openai_extractor import OpenAIExtractor


async def run(settings: ExtractorSettings, *, checkpoint: Checkpoint = ignore) -> None:
    """Works until SIGTERM; raises HaltedError when nearly everything fails."""
    database = Database(
        settings.writer_database_url.get_secret_value(), name="extractor", size=settings.database_pool_size
    )
    registry = CollectorRegistry()
    progress = Progress(Stage.EXTRACTOR.value)
    await database.open()
    try:
        await database.require_safe_role()
        process = worker_process(
            progress, WorkerRows(database), registry, host=settings.worker_host, port=settings.worker_port
        )
        async with process as stopping, directory_of(settings, database) as directory:
            work = _Work(
                settings, database, ExtractionMetrics(registry), progress, SchemaRows(database, time.monotonic)
            )
            log = _Log(directory, JobClients(settings), WorkerMetrics(Stage.EXTRACTOR.value, registry), stopping)
            async with work.extractor() as extractor, _runs(work, log, extractor).beside():
                await _worker(work, log, extractor, checkpoint).run()
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class _Log:
    """What both consumers of the process share."""

    directory: BrokerDirectory
    clients: JobClients
    metrics: WorkerMetrics
    stopping: asyncio.Event


def _worker(work: _Work, log: _Log, extractor: Extractor, checkpoint: Checkpoint) -> Worker[Recorded]:
    settings = work.settings
    return Worker(
        stage=work.stage(extractor),
        beside=work.resuming(extractor),
        consumes=(CHANGES,),
        directory=log.directory,
        clients=log.clients,
        letters=DeadLetterRows(work.database),
        metrics=log.metrics,
        progress=work.progress,
        stopping=log.stopping,
        batch_size=settings.messages_in_hand,
        drain_seconds=settings.drain_seconds,
        halt_after_run=settings.halt_after_run,
        assign_all=settings.kafka_assignment == "all",
        checkpoint=checkpoint,
    )


def _runs(work: _Work, log: _Log, extractor: Extractor) -> JobsConsumer:
    """Extractions asked for anew run beside the lanes, in a group of their own (decision 8)."""
    settings, runs = work.settings, RunRows(work.database)
    return JobsConsumer(
        stage=Stage.EXTRACTOR.value,
        group=f"{Stage.EXTRACTOR}.jobs",
        handlers={
            "extraction.rerun": RerunExtractions(runs, work.chosen, settings.extractor_concurrency),
            "extraction.accept": AcceptExtractions(runs, OutcomeRows(work.database), _now),
            "extraction.preview": PreviewExtractions(PreviewRows(work.database), work.schemas, extractor),
            "schema.annotate": AnnotateSchemas(SchemaVersionRows(work.database), work.annotator),
        },
        rows=PostgresJobRows(work.database),
        directory=log.directory,
        clients=log.clients,
        letters=DeadLetterRows(work.database),
        metrics=log.metrics,
        progress=Progress(Stage.EXTRACTOR.value),
        stopping=log.stopping,
        drain_seconds=settings.drain_seconds,
        session_timeout_ms=settings.kafka_session_timeout_ms,
        assign_all=settings.kafka_assignment == "all",
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """The parts of the extractor, put together."""

    settings: ExtractorSettings
    database: Database
    metrics: ExtractionMetrics
    progress: Progress
    schemas: SchemaRows

    def stage(self, extractor: Extractor) -> ExtractMemories:
        """Messages as they are recorded."""
        return ExtractMemories(
            extractor,
            RevisionRows(self.database),
            PostponedRows(self.database),
            self.metrics,
            _now,
            self.settings.extractor_concurrency,
        )

    def resuming(self, extractor: Extractor) -> ResumeExtractions:
        """Messages that had to wait."""
        return ResumeExtractions(
            extractor,
            PostponedRows(self.database),
            DeadLetterRows(self.database),
            self.metrics,
            _now,
            self.look,
            self.settings.extractor_concurrency,
            self.settings.longest_reading_seconds,
        )

    async def look(self) -> None:
        """Shows how many messages wait; a model that is away makes the worker unready."""
        counts = await PostponedRows(self.database).count()
        self.metrics.waiting(counts)
        if counts.get(WaitReason.MODEL_AWAY.value):
            self.progress.waiting.add("model")
        else:
            self.progress.waiting.discard("model")

    @asynccontextmanager
    async def extractor(self) -> AsyncIterator[Extractor]:
        """The one that the settings choose, for messages as they are recorded."""
        rules = self._rules()
        if not self.settings.uses_model:
            yield self._recalling(rules)
            return
        async with self._by_model(self.settings.llm_model) as model:
            self.metrics.show_breakers(model.endpoint.breakers.count)
            reading = self._with_journal(model)
            yield self._recalling(BudgetedExtractor(reading, rules, self.metrics.fell_back))

    @asynccontextmanager
    async def chosen(self, asked: RerunExtraction) -> AsyncIterator[Extractor]:
        """The one that a job asks for; a run is not half by a model and half by rules, so it waits for its budget."""
        by_model = self.settings.uses_model if asked.extractor is None else asked.extractor == "openai"
        if not by_model and asked.model is None:
            yield self._recalling(self._rules())
            return
        if not by_model or not self.settings.knows_model:
            raise PermanentError("no_model", "The extractor has no model: set OPENAI_API_KEY or OPENAI_BASE_URL.")
        async with self._by_model(asked.model or self.settings.llm_model) as model:
            yield self._recalling(self._with_journal(model))

    def _rules(self) -> Extractor:
        return JournalingExtractor(RuleExtractor(self.schemas), RuleJournal(JournalRows(self.database)))

    def _with_journal(self, model: OpenAIExtractor) -> Extractor:
        from mneme_extractor.adapters.openai_journal import OpenAIJournal  # noqa: PLC0415  (as below)

        journal = OpenAIJournal(
            endpoint=model.endpoint,
            items=JournalRows(self.database),
            longest=model.longest,
            allowance=self._allowance(),
        )
        return JournalingExtractor(model, journal)

    def _allowance(self) -> Allowance:
        settings = self.settings
        answers = AnswerRows(self.database, settings.llm_answers_kept, settings.llm_answers_kept_days)
        return Allowance(answers, TokenAccount(self.database, _now), self.metrics.answered)

    @asynccontextmanager
    async def annotator(self) -> AsyncIterator[Annotator]:
        """The model that annotates schemas; raises PermanentError without one."""
        if not self.settings.uses_model:
            raise PermanentError("no_model", "The extractor has no model: set OPENAI_API_KEY or OPENAI_BASE_URL.")
        async with self._by_model(self.settings.llm_model) as model:
            from mneme_extractor.adapters.model_annotator import ModelAnnotator  # noqa: PLC0415

            yield ModelAnnotator(model.endpoint, TokenAccount(self.database, _now))

    def _recalling(self, extractor: Extractor) -> Extractor:
        return RecallingExtractor(extractor, RecollectionRows(self.database), self.metrics.recalled)

    @asynccontextmanager
    async def _by_model(self, name: str) -> AsyncIterator[OpenAIExtractor]:
        # Only here, since the client costs a second and 60 MB that the rules do not need.
        from mneme_extractor.adapters.openai_extractor import openai_extractor  # noqa: PLC0415

        settings = self.settings
        async with openai_extractor(
            model=name,
            api_key=settings.model_key,
            base_url=settings.openai_base_url,
            limit_seconds=settings.llm_timeout_seconds,
            attempts=settings.llm_attempts,
            longest=settings.llm_max_characters,
            spent=self.metrics.spent,
            allowance=self._allowance(),
            schemas=self.schemas,
        ) as extractor:
            yield extractor


def main() -> None:
    """The process: 0 after a drain, 1 after a halt or with settings that cannot work."""
    try:
        settings = ExtractorSettings()
    except ValidationError as error:
        sys.exit(f"the extractor's settings are wrong: {error}")
    configure_logs(Stage.EXTRACTOR.value, level=settings.log_level, form=settings.log_format)
    try:
        run_process(run(settings))
    except HaltedError as error:
        sys.exit(f"halted: {error}")
    except UnsafeRoleError as error:
        sys.exit(str(error))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
