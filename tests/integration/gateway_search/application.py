"""The gateway's own application around search alone, over real rows and a vector store in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import httpx
from prometheus_client import CollectorRegistry
from starlette.datastructures import Headers

from mneme_common.adapters.postgres import Database
from mneme_common.domain.identifiers import point_id
from mneme_common.domain.records import Memory, Message
from mneme_common.domain.reranking import Reranker
from mneme_common.domain.vectors import Closing, Point, PointKey, RecordKind
from mneme_common.testing.embeddings import HashedWords
from mneme_common.testing.vectors import InMemoryVectorStore
from mneme_gateway.app import create_app
from mneme_gateway.auth.caller import Caller
from mneme_gateway.control.opening import Opening
from mneme_gateway.control.retrieval_params import RetrievalParameters
from mneme_gateway.control.search_policies import SearchPolicies
from mneme_gateway.metrics import GatewayMetrics
from mneme_gateway.search.context import ContextPacker
from mneme_gateway.search.metrics import ContextMetrics
from mneme_gateway.search.records import RecordRows
from mneme_gateway.search.second_stage import SecondStage
from mneme_gateway.search.service import Search, search_over
from mneme_gateway.services import Services


class Callers:
    """Lets everybody in as the caller that it holds."""

    def __init__(self) -> None:
        self.caller = Caller("acme", "ada", is_master=True)

    async def identify(self, headers: Headers) -> Caller:  # noqa: ARG002  (the signature of an Authenticator)
        """Whoever it is."""
        return self.caller


@dataclass
class Parts:
    """What the routes of search use of the services."""

    authenticator: Callers
    search: Search
    search_policies: SearchPolicies
    packer: ContextPacker
    retrieval_params: RetrievalParameters
    metrics: GatewayMetrics
    opening: Opening


@dataclass
class Gateway:
    """A client of the application, and what stands behind it."""

    client: httpx.AsyncClient
    callers: Callers
    vectors: InMemoryVectorStore
    model: HashedWords
    now: list[datetime] = field(default_factory=list)

    async def post(self, path: str, **body: object) -> Any:
        """The answer to a request that must succeed."""
        response = await self.client.post(path, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def search(self, query: str, **body: object) -> dict[str, Any]:
        """POST /v1/retrieve/search."""
        found: dict[str, Any] = await self.post("/v1/retrieve/search", query=query, **body)
        return found

    async def context(self, query: str, **body: object) -> dict[str, Any]:
        """POST /v1/retrieve/context."""
        found: dict[str, Any] = await self.post("/v1/retrieve/context", query=query, **body)
        return found

    async def index(self, *records: Message | Memory) -> None:
        """Embeds the records, as the embedder does after a while."""
        vectors = await self.model.embed([record.content for record in records])
        points = [_point(self.model.name, record, vector) for record, vector in zip(records, vectors, strict=True)]
        await self.vectors.upsert(points)

    async def close(self, record: Message | Memory, to_seq: int) -> None:
        """Takes a closed version out, as the embedder does after a while."""
        point = _point(self.model.name, record, (await self.model.embed([""]))[0])
        closing = Closing(key=point.key, record_id=point.record_id, kind=point.kind, to_seq=to_seq)
        await self.vectors.close([closing])


@asynccontextmanager
async def search_gateway(
    database: Database, memory_bytes: int = 1 << 28, reranker: Reranker | None = None
) -> AsyncIterator[Gateway]:
    """The application, listening to nobody but its client."""
    callers, vectors, model = Callers(), InMemoryVectorStore(), HashedWords()
    await vectors.register(model.name, model.dimension)
    now: list[datetime] = []
    registry = CollectorRegistry()
    search = search_over(
        database,
        vectors,
        model,
        memory_bytes=memory_bytes,
        clock=lambda: now[-1] if now else datetime.now(UTC),
        registry=registry,
        tenant_label=str,
        second_stage=None if reranker is None else SecondStage(reranker, RecordRows(database), seconds=20.0),
    )
    policies = SearchPolicies(database, available=search.reranks)
    packer, params = ContextPacker(search, ContextMetrics(registry)), RetrievalParameters(database)
    parts = Parts(callers, search, policies, packer, params, GatewayMetrics(registry), Opening(database, None))
    app = create_app(cast("Services", parts), guarded=False, request_timeout=20.0)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Gateway(client, callers, vectors, model, now)


def contents(answer: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[str]:
    """The texts of the results, from the best on."""
    results = answer["results"] if isinstance(answer, Mapping) else answer
    return [result["content"] for result in results]


def _point(model: str, record: Message | Memory, vector: Any) -> Point:
    if isinstance(record, Message):
        record_id, kind, point = record.message_id, RecordKind.MESSAGE, point_id(record.message_id, record.revision)
    else:
        record_id, kind, point = record.memory_id, RecordKind.MEMORY, UUID(int=record.memory_id.int)
    return Point(
        key=PointKey(record.tenant_id, record.user_id, model, point),
        record_id=record_id,
        kind=kind,
        content_hash="",
        embedding=vector,
        from_seq=record.from_seq,
    )
