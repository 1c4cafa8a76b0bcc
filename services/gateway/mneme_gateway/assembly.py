"""Services put together from adapters that ``main`` has chosen."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prometheus_client import CollectorRegistry

from mneme_common.contracts.erasures import ErasureRegister
from mneme_common.domain.pseudonyms import pseudonym_key
from mneme_common.domain.reranking import Reranker
from mneme_common.domain.vector_indexes import ModelChoice, VectorIndex
from mneme_common.domain.vectors import EmbeddingModel, OpenableModel, VectorReading
from mneme_gateway.auth.authenticators import KeyAccess, OpenAccess
from mneme_gateway.control.audit import AuditTrail
from mneme_gateway.control.dead_letters import DeadLetterDesk
from mneme_gateway.control.dsr import SubjectRequests
from mneme_gateway.control.extraction import ExtractionDesk
from mneme_gateway.control.feedback import FeedbackDesk
from mneme_gateway.control.jobs import JobDesk
from mneme_gateway.control.key_rows import KeyRows
from mneme_gateway.control.keys import ApiKeys
from mneme_gateway.control.memory_schemas import SchemaDesk
from mneme_gateway.control.monitors import MonitorDesk
from mneme_gateway.control.opening import Opening
from mneme_gateway.control.previews import PreviewDesk
from mneme_gateway.control.privacy import PrivacyPolicies
from mneme_gateway.control.reembedding import ReembeddingDesk
from mneme_gateway.control.reflection import ReflectionDesk
from mneme_gateway.control.retrieval_params import RetrievalParameters
from mneme_gateway.control.search_policies import SearchPolicies
from mneme_gateway.control.status import StatusReader
from mneme_gateway.control.tenants import Tenants
from mneme_gateway.journaling.background import JournalBackground
from mneme_gateway.journaling.chat import JournalChat
from mneme_gateway.journaling.model_replies import ModelReplies
from mneme_gateway.metrics import GatewayMetrics
from mneme_gateway.ports import Account, ChatModel, Database, LivePublisher, OpenSeal
from mneme_gateway.reading.conversations import ConversationReader
from mneme_gateway.reading.decisions import DecisionReader
from mneme_gateway.reading.extracted import ExtractedReader
from mneme_gateway.reading.extractions import ExtractionReader
from mneme_gateway.reading.health import About, HealthChecker
from mneme_gateway.reading.journal import JournalReader
from mneme_gateway.reading.memories import MemoryReader
from mneme_gateway.reading.messages import MessageReader
from mneme_gateway.reading.moments import Moments
from mneme_gateway.reading.operations import OperationReader
from mneme_gateway.search.accesses import Accesses
from mneme_gateway.search.context import ContextPacker
from mneme_gateway.search.feedback import Feedback
from mneme_gateway.search.metrics import ContextMetrics, SearchMetrics
from mneme_gateway.search.pages import IndexPages
from mneme_gateway.search.records import RecordRows
from mneme_gateway.search.second_stage import SecondStage
from mneme_gateway.search.service import Search, SearchedIndex, index_over
from mneme_gateway.search.serving import ServingIndexes
from mneme_gateway.search.vocabulary import WordVectors
from mneme_gateway.services import Services
from mneme_gateway.settings import GatewaySettings
from mneme_gateway.writing.admission import Admission
from mneme_gateway.writing.operations import OperationIds
from mneme_gateway.writing.outcomes import Outcomes
from mneme_gateway.writing.writer import Writer


@dataclass(frozen=True, slots=True)
class Chatting:
    """The model that the journal asks, and the account that pays for it."""

    model: ChatModel
    account: Account


@dataclass(frozen=True, slots=True)
class Adapters:
    """What the gateway works with; ``model`` is the one whose vectors serve, ``open_model`` opens another one."""

    database: Database
    publisher: LivePublisher
    store: VectorReading
    model: EmbeddingModel
    open_model: Callable[[ModelChoice], AbstractAsyncContextManager[OpenableModel]]
    read_indexes: Callable[[], Awaitable[Sequence[VectorIndex]]]
    words: WordVectors
    reranker: Reranker | None
    open_seal: OpenSeal
    chat: Chatting | None = None
    register: ErasureRegister | None = None


@dataclass(frozen=True, slots=True)
class Assembly:
    """The services, and the parts of them that need to be run or told."""

    services: Services
    outcomes: Outcomes
    keys: ApiKeys
    privacy: PrivacyPolicies
    accesses: Accesses
    serving: ServingIndexes

    def forget_rankings(self) -> None:
        """Feedback and parameters are read again before the next search."""
        self.services.search.feedback.forget()
        self.services.retrieval_params.forget()


def assemble(settings: GatewaySettings, adapters: Adapters, instance: UUID) -> Assembly:
    """The gateway without its server."""
    metrics = GatewayMetrics(CollectorRegistry())
    admission = Admission(per_tenant=settings.max_in_flight_per_tenant, in_all=settings.max_in_flight)
    outcomes = Outcomes(adapters.database, admission.leave)
    tenants = Tenants(adapters.database, made_on_first_use=settings.auth == "none")
    keys = ApiKeys(adapters.database)
    privacy = PrivacyPolicies(adapters.database, pseudonym_key(settings.oldest_encryption_key()))
    accesses = Accesses(adapters.database, _now)
    publisher = adapters.publisher
    opening = Opening(adapters.database, adapters.register)
    metrics.in_flight.set_function(lambda: len(admission))
    metrics.publishing.set_function(lambda: float(publisher.publishing))
    serving = _serving(settings, adapters, metrics, accesses)
    read = _readers(settings, adapters, metrics, serving.search, privacy)
    writer = Writer(
        publisher=publisher,
        outcomes=outcomes,
        admission=admission,
        tenants=tenants,
        privacy=privacy,
        metrics=metrics,
    )
    services = Services(
        authenticator=_authenticator(settings, keys, metrics),
        tenants=tenants,
        keys=KeyRows(adapters.database),
        privacy=privacy,
        writer=writer,
        metrics=metrics,
        opening=opening,
        health=_health(settings, adapters, instance, serving.search, opening),
        reembedding=ReembeddingDesk(adapters.database, serving.usable),
        reads_with_model=settings.reads_with_model,
        write_wait_seconds=settings.write_wait,
        journal=_journal(adapters, metrics, writer, read),
        **_desks(adapters, metrics),
        **read,
    )
    return Assembly(services, outcomes, keys, privacy, accesses, serving)


def _desks(adapters: Adapters, metrics: GatewayMetrics) -> dict[str, Any]:
    """What operators ask, and what they ask for."""
    database = adapters.database
    jobs = JobDesk(database, adapters.publisher)
    return {
        "status": StatusReader(database),
        "dead_letters": DeadLetterDesk(database, adapters.publisher, adapters.open_seal),
        "jobs": jobs,
        "dsr": SubjectRequests(database, jobs),
        "audit": AuditTrail(database),
        "extraction": ExtractionDesk(database),
        "monitors": MonitorDesk(database, metrics.searches),
        "reflection": ReflectionDesk(database, jobs),
        "schemas": SchemaDesk(database, jobs),
        "previews": PreviewDesk(database, jobs),
    }


def _serving(
    settings: GatewaySettings, adapters: Adapters, metrics: GatewayMetrics, accesses: Accesses
) -> ServingIndexes:
    """Search over the index that serves, and what follows a flip."""
    memory_bytes, feedback = settings.search_memory_mib * 1_048_576, Feedback(adapters.database)

    def index_of(model: EmbeddingModel) -> SearchedIndex:
        return index_over(
            adapters.database, adapters.store, model, feedback, adapters.words, memory_bytes=memory_bytes, clock=_now
        )

    served = index_of(adapters.model)
    rows, counted = RecordRows(adapters.database), SearchMetrics(metrics.registry)
    reranker = adapters.reranker
    second_stage = None if reranker is None else SecondStage(reranker, rows, settings.rerank_seconds)
    search = Search(served, rows, counted, metrics.tenant_label, feedback, accesses, second_stage)
    return ServingIndexes(search, adapters.read_indexes, adapters.open_model, index_of, served)


def _readers(
    settings: GatewaySettings, adapters: Adapters, metrics: GatewayMetrics, search: Search, privacy: PrivacyPolicies
) -> dict[str, Any]:
    database = adapters.database
    operations = OperationIds(*settings.encryption_keys())
    return {
        "database": database,
        "operations": operations,
        "operation_reader": OperationReader(database, operations),
        "messages": MessageReader(database, lambda: search.model),
        "conversations": ConversationReader(database),
        "journal_items": JournalReader(database),
        "memories": MemoryReader(database, operations),
        "decisions": DecisionReader(database, operations),
        "moments": Moments(IndexPages(database)),
        "extractions": ExtractionReader(database),
        "extracted": ExtractedReader(database, MemoryReader(database, operations)),
        "search": search,
        "feedback": FeedbackDesk(database, privacy, search.feedback.forget),
        "retrieval_params": RetrievalParameters(database),
        "search_policies": SearchPolicies(database, available=search.reranks),
        "packer": ContextPacker(search, ContextMetrics(metrics.registry)),
    }


def _journal(adapters: Adapters, metrics: GatewayMetrics, writer: Writer, read: Mapping[str, Any]) -> JournalChat:
    chat, items, messages = adapters.chat, read["journal_items"], read["messages"]
    return JournalChat(
        writer=writer,
        messages=messages,
        items=items,
        extractions=read["extractions"],
        background=JournalBackground(items, messages, read["packer"]),
        metrics=metrics,
        model=ModelReplies(chat.model, chat.account, metrics.spent) if chat else None,
    )


def _authenticator(settings: GatewaySettings, keys: ApiKeys, metrics: GatewayMetrics) -> OpenAccess | KeyAccess:
    if settings.auth == "none":
        return OpenAccess()
    master = settings.master_key
    return KeyAccess(keys, master.get_secret_value() if master else None, metrics)


def _health(
    settings: GatewaySettings, adapters: Adapters, instance: UUID, search: Search, opening: Opening
) -> HealthChecker:
    version = importlib.metadata.version("mneme-gateway")
    about = About(instance.hex, settings.environment, version, lambda: search.model)
    return HealthChecker(adapters.database, about, lambda: adapters.publisher.publishing, lambda: opening.is_open)


def _now() -> datetime:
    return datetime.now(UTC)
