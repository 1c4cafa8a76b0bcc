"""What the routes work with, put together once by ``main``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from mneme_gateway.control.audit import AuditTrail
from mneme_gateway.control.dead_letters import DeadLetterDesk
from mneme_gateway.control.dsr import SubjectRequests
from mneme_gateway.control.extraction import ExtractionDesk
from mneme_gateway.control.feedback import FeedbackDesk
from mneme_gateway.control.jobs import JobDesk
from mneme_gateway.control.key_rows import KeyRows
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
from mneme_gateway.journaling.chat import JournalChat
from mneme_gateway.metrics import GatewayMetrics
from mneme_gateway.ports import Authenticator, Database
from mneme_gateway.reading.conversations import ConversationReader
from mneme_gateway.reading.decisions import DecisionReader
from mneme_gateway.reading.extracted import ExtractedReader
from mneme_gateway.reading.extractions import ExtractionReader
from mneme_gateway.reading.health import HealthChecker
from mneme_gateway.reading.journal import JournalReader
from mneme_gateway.reading.memories import MemoryReader
from mneme_gateway.reading.messages import MessageReader
from mneme_gateway.reading.moments import Moments
from mneme_gateway.reading.operations import OperationReader
from mneme_gateway.search.context import ContextPacker
from mneme_gateway.search.service import Search
from mneme_gateway.writing.operations import OperationIds
from mneme_gateway.writing.writer import Writer


@dataclass(kw_only=True, slots=True)
class Services:
    """One of each for the life of the process. ``write_wait_seconds`` is how long a write waits unless told."""

    authenticator: Authenticator
    database: Database
    tenants: Tenants
    keys: KeyRows
    privacy: PrivacyPolicies
    writer: Writer
    operations: OperationIds
    operation_reader: OperationReader
    messages: MessageReader
    conversations: ConversationReader
    memories: MemoryReader
    decisions: DecisionReader
    moments: Moments
    extractions: ExtractionReader
    extracted: ExtractedReader
    search: Search
    feedback: FeedbackDesk
    retrieval_params: RetrievalParameters
    search_policies: SearchPolicies
    packer: ContextPacker
    health: HealthChecker
    status: StatusReader
    dead_letters: DeadLetterDesk
    jobs: JobDesk
    dsr: SubjectRequests
    audit: AuditTrail
    opening: Opening
    extraction: ExtractionDesk
    monitors: MonitorDesk
    reflection: ReflectionDesk
    schemas: SchemaDesk
    previews: PreviewDesk
    reembedding: ReembeddingDesk
    journal: JournalChat
    journal_items: JournalReader
    metrics: GatewayMetrics
    reads_with_model: bool
    write_wait_seconds: float


async def services(request: Request) -> Services:
    """The dependency through which a route reaches them."""
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]
