"""The extractor's composition root."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from mneme_common.adapters.broker_directory import directory_of
from mneme_common.adapters.kafka import KafkaClients
from mneme_common.adapters.postgres import Database, UnsafeRoleError
from mneme_common.adapters.worker_rows import DeadLetterRows, WorkerRows
from mneme_common.contracts.topics import Stage, consumed_by
from mneme_common.runtime.failure_policy import HaltedError
from mneme_common.runtime.process import run_process, worker_process
from mneme_common.runtime.stage import Checkpoint, ignore
from mneme_common.runtime.worker import Worker
from mneme_common.telemetry.logs import configure_logs
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress
from mneme_extractor.adapters.budgeted_extractor import BudgetedExtractor
from mneme_extractor.adapters.recalling_extractor import RecallingExtractor
from mneme_extractor.adapters.rule_extractor import RuleExtractor
from mneme_extractor.decide.postponement import WaitReason
from mneme_extractor.handlers.extract_memories import ExtractMemories, Recorded
from mneme_extractor.handlers.resume_extractions import ResumeExtractions
from mneme_extractor.metrics import ExtractionMetrics
from mneme_extractor.ports import Extractor
from mneme_extractor.settings import ExtractorSettings
from mneme_extractor.store.answer_rows import AnswerRows
from mneme_extractor.store.postponed_rows import PostponedRows
from mneme_extractor.store.recollection_rows import RecollectionRows
from mneme_extractor.store.revision_rows import RevisionRows
from mneme_extractor.store.token_account import TokenAccount


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
            work = _Work(settings, database, ExtractionMetrics(registry), progress)
            async with work.extractor() as reader:
                extractor = RecallingExtractor(reader, RecollectionRows(database), work.metrics.recalled)
                await Worker[Recorded](
                    stage=work.stage(extractor),
                    beside=work.resuming(extractor),
                    consumes=consumed_by(Stage.EXTRACTOR),
                    directory=directory,
                    clients=KafkaClients(settings),
                    letters=DeadLetterRows(database),
                    metrics=WorkerMetrics(Stage.EXTRACTOR.value, registry),
                    progress=progress,
                    stopping=stopping,
                    batch_size=settings.messages_in_hand,
                    drain_seconds=settings.drain_seconds,
                    halt_after_run=settings.halt_after_run,
                    assign_all=settings.kafka_assignment == "all",
                    checkpoint=checkpoint,
                ).run()
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class _Work:
    """The parts of the extractor, put together."""

    settings: ExtractorSettings
    database: Database
    metrics: ExtractionMetrics
    progress: Progress

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
        """The one that the settings choose."""
        settings, key = self.settings, self.settings.openai_api_key
        rules = RuleExtractor()
        if not settings.uses_model:
            yield rules
            return
        # Only here, since the client costs a second and 60 MB that the rules do not need.
        from mneme_extractor.adapters.openai_extractor import Allowance, openai_extractor  # noqa: PLC0415

        answers = AnswerRows(self.database, settings.llm_answers_kept, settings.llm_answers_kept_days)
        async with openai_extractor(
            model=settings.llm_model,
            api_key=key.get_secret_value() if key else None,
            base_url=settings.openai_base_url,
            limit_seconds=settings.llm_timeout_seconds,
            attempts=settings.llm_attempts,
            longest=settings.llm_max_characters,
            spent=self.metrics.spent,
            allowance=Allowance(answers, TokenAccount(self.database, _now), self.metrics.answered),
        ) as model:
            self.metrics.show_breakers(model.endpoint.breakers.count)
            yield BudgetedExtractor(model, rules, self.metrics.fell_back)


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
