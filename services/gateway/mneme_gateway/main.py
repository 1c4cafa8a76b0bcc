"""The composition root of the gateway.

The process wants ``OPENBLAS_NUM_THREADS=1``, set from outside: numpy reads it while it is imported.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

import structlog
from pydantic import ValidationError

from mneme_common.adapters.broker_directory import directory_of
from mneme_common.adapters.embedding_choice import embedding_model_of
from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.adapters.erasure_choice import erasure_register_of
from mneme_common.adapters.kafka import KafkaClients
from mneme_common.adapters.letter_seal import LetterSeal
from mneme_common.adapters.postgres import Database, UnsafeRoleError
from mneme_common.adapters.reranking_choice import reranker_of
from mneme_common.adapters.token_account import TokenAccount
from mneme_common.adapters.vector_index_rows import read_vector_indexes
from mneme_common.adapters.vectors_choice import vector_store_of
from mneme_common.contracts.broker import KAFKA_INCARNATION, Broker, BrokerDirectory
from mneme_common.contracts.commands import Usage
from mneme_common.domain.vector_indexes import UnservedModelError, model_to_serve
from mneme_common.domain.vectors import DimensionMismatchError, OpenableModel, VectorRegistry
from mneme_common.runtime.process import run_process, stop_on_signals
from mneme_common.telemetry.logs import configure_logs
from mneme_gateway.app import create_app
from mneme_gateway.assembly import Adapters, Assembly, Chatting, assemble
from mneme_gateway.control.key_rows import CHANNEL as KEYS_CHANNEL
from mneme_gateway.control.privacy import CHANNEL as PRIVACY_CHANNEL
from mneme_gateway.control.reembedding import CHANNEL as INDEXES_CHANNEL
from mneme_gateway.search.feedback import CHANNEL as RANKING_CHANNEL
from mneme_gateway.search.preparation import prepare_model
from mneme_gateway.server import Server
from mneme_gateway.settings import GatewaySettings
from mneme_gateway.writing.embedded_publisher import EmbeddedPublisher
from mneme_gateway.writing.journal import Journal
from mneme_gateway.writing.kafka_publisher import KafkaPublisher
from mneme_gateway.writing.notifications import listen
from mneme_gateway.writing.outcomes import CHANNEL as OUTCOMES_CHANNEL

STAGE = "gateway"
_ERASED_CHANNEL = "mneme_erased"
_EMBEDDING_PATIENCE_SECONDS = 5.0
_PREPARED_SECONDS = 5.0
_SHARE_OF_A_REQUEST = 0.7
"""Of the time that a request may take, for the model's answer to the journal; nobody waits for a second attempt."""


async def run(settings: GatewaySettings) -> None:
    """Serves until SIGTERM, then finishes what it has in hand."""
    instance = uuid4()
    url = settings.reader_database_url.get_secret_value()
    database = Database(url, name=STAGE, size=settings.database_pool_size)
    await database.open()
    try:
        await database.require_safe_role()
        read_indexes = partial(read_vector_indexes, database)
        open_model = partial(embedding_model_of, settings, patience=_EMBEDDING_PATIENCE_SECONDS, retries=0)
        choice = model_to_serve(await read_indexes(), settings.embedding_choice)
        async with (
            directory_of(settings, database) as directory,
            vector_store_of(settings, database) as store,
            open_model(choice) as model,
            reranker_of(settings, _spent) as reranker,
            _chatting(settings, database) as chat,
        ):
            preparing = await _prepared(model, store)
            # Related words come from static vectors whatever the embedding model is.
            words = model if isinstance(model, WordLlamaModel) else WordLlamaModel()
            await words.open()
            publisher = _publisher(settings, database, directory, instance)
            seal = LetterSeal(*settings.encryption_keys())
            indexes, register = (open_model, read_indexes), erasure_register_of(settings)
            adapters = Adapters(database, publisher, store, model, *indexes, words, reranker, seal.open, chat, register)
            assembly = assemble(settings, adapters, instance)
            await _serve(settings, assembly, publisher, url, preparing)
            await publisher.close()
            await assembly.keys.note_use()
            await assembly.accesses.write()
    finally:
        await database.close()


@asynccontextmanager
async def _chatting(settings: GatewaySettings, database: Database) -> AsyncIterator[Chatting | None]:
    """The model that the journal asks; None where no model reads what was said either."""
    if not settings.reads_with_model:
        yield None
        return
    # Only here, since the client costs a second and 60 MB that the rules do not need.
    from mneme_common.adapters.chat_endpoint import chat_endpoint  # noqa: PLC0415

    async with chat_endpoint(
        model=settings.llm_model,
        api_key=settings.model_key,
        base_url=settings.openai_base_url,
        limit_seconds=min(settings.llm_timeout_seconds, settings.request_timeout * _SHARE_OF_A_REQUEST),
        attempts=1,
        spent=lambda _model, _usage: None,
        doing="chat",
    ) as endpoint:
        yield Chatting(endpoint, TokenAccount(database, _now))


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """The process: 0 after a drain."""
    try:
        settings = GatewaySettings()
    except ValidationError as error:
        sys.exit(f"the gateway's settings are wrong: {error}")
    configure_logs(STAGE, level=settings.log_level, form=settings.log_format)
    try:
        run_process(run(settings))
    except (DimensionMismatchError, UnsafeRoleError, UnservedModelError) as error:
        sys.exit(str(error))
    except ExceptionGroup as failures:
        misfit = failures.subgroup(DimensionMismatchError)
        if misfit is None:
            raise
        sys.exit(str(misfit.exceptions[0]))


async def _prepared(model: OpenableModel, store: VectorRegistry) -> asyncio.Task[None]:
    """The model at hand and compared with what is stored; where it is away for long, requests come before it.

    Raises DimensionMismatchError.
    """
    preparing = asyncio.create_task(prepare_model(model, store), name="prepare")
    await asyncio.wait({preparing}, timeout=_PREPARED_SECONDS)
    if preparing.done():
        preparing.result()
    return preparing


def _spent(model: str, usage: Usage) -> None:
    structlog.get_logger("mneme.gateway").info("tokens spent", doing="reranking", model=model, usage=usage.model_dump())


async def _wait_for(task: asyncio.Task[None]) -> None:
    await task


def _publisher(
    settings: GatewaySettings, database: Database, directory: BrokerDirectory, instance: UUID
) -> EmbeddedPublisher | KafkaPublisher:
    clients = KafkaClients(settings)
    if settings.kafka_bootstrap is not None:
        return KafkaPublisher(Broker(settings.kafka_bootstrap, KAFKA_INCARNATION), clients)
    return EmbeddedPublisher(Journal(database, instance), directory, clients)


async def _serve(
    settings: GatewaySettings,
    assembly: Assembly,
    publisher: EmbeddedPublisher | KafkaPublisher,
    url: str,
    preparing: asyncio.Task[None],
) -> None:
    """Serves until told to stop; a duty that fails ends the process, since nothing works without it."""
    app = create_app(assembly.services, guarded=settings.auth == "none", request_timeout=settings.request_timeout)
    server = Server(app, settings.http_host, settings.http_port, settings.drain_seconds)
    stop_on_signals(server.stop)
    hints = {
        OUTCOMES_CHANNEL: assembly.outcomes.hint,
        KEYS_CHANNEL: assembly.keys.forget,
        PRIVACY_CHANNEL: assembly.privacy.forget,
        RANKING_CHANNEL: assembly.forget_rankings,
        _ERASED_CHANNEL: assembly.services.search.forget,
        INDEXES_CHANNEL: assembly.serving.hint,
    }
    duties = (
        assembly.outcomes.run(),
        publisher.run(),
        assembly.keys.run(),
        assembly.accesses.run(),
        assembly.serving.run(),
        _wait_for(preparing),
        assembly.services.opening.run(),
        listen(url, hints),
    )
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(duty) for duty in duties]
        await server.serve()
        structlog.get_logger("mneme.gateway").info("drained")
        for task in running:
            task.cancel()


if __name__ == "__main__":
    main()
