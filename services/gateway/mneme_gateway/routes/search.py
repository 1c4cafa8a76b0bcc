"""Search: one core, the ranking that each path documents (features.md, C14)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import TypeAdapter

from mneme_common.domain.vectors import RecordKind
from mneme_gateway.auth.caller import CallerDep, require_master, scope_of
from mneme_gateway.decide.ranking_profiles import S2_MESSAGE, S4_HYBRID
from mneme_gateway.errors import JSON_MEDIA_TYPE
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.routes.unified_query import unified_query
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.search import (
    ExplainedMemories,
    MemorySearchIn,
    MessageSearchIn,
    MessageSearchOut,
    RetrieveIn,
    SearchIn,
    SearchOut,
    explain_level,
)
from mneme_gateway.search.explain import explained
from mneme_gateway.search.presentation import found_memory, message_hit, search_hit
from mneme_gateway.search.query import Filters, Query
from mneme_gateway.search.service import Answer
from mneme_gateway.services import ServicesDep

router = APIRouter(tags=["search"], route_class=JsonRoute)

MESSAGE_RESULTS_MAX = 8
RERANK_POOL_MIN = 100
"""So many candidates a list at least for a second stage to read."""
MESSAGE_CANDIDATES_MAX = 80
_MEMORIES = TypeAdapter(list[MemoryOut])


@router.post("/v1/retrieve/search", response_model=SearchOut, responses=errors(403, 409))
async def search(body: SearchIn, caller: CallerDep, services: ServicesDep) -> Response:
    """Messages and memories in one ranking: meaning, words, importance and recency."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    query = unified_query(body, body.top_k, await services.retrieval_params.of(scope.tenant_id))
    if body.index == "shadow":
        require_master(caller)
    rerank = await services.search_policies.reranks(scope.tenant_id, body.rerank)
    pool = max(query.pool, RERANK_POOL_MIN) if rerank else query.pool
    query = replace(query, in_shadow=body.index == "shadow", rerank=rerank, pool=pool)
    found = await services.search.find(scope, query)
    hits = [search_hit(hit) for hit in found.hits]
    return answer(
        SearchOut(
            results=hits,
            items=hits,
            position=found.position,
            degraded=found.degraded or None,
            explain=explained(found, explain_level(body.explain), body.explain_missing),
        )
    )


@router.post("/v1/memories/search", response_model=list[MemoryOut] | ExplainedMemories, responses=errors(403))
async def search_memories(body: MemorySearchIn, caller: CallerDep, services: ServicesDep) -> Response:
    """Memories by meaning, words, time and confidence; with `session_id` those of that session only."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    query = _memory_query(body, only_session=body.session_id)
    params = await services.retrieval_params.of(scope.tenant_id)
    found = await services.search.find(scope, replace(query, feedback_weight=params.feedback_weight))
    return _memories(found, body)


@router.post("/v1/memories/retrieve", response_model=list[MemoryOut] | ExplainedMemories, responses=errors(403))
async def retrieve_memories(body: RetrieveIn, caller: CallerDep, services: ServicesDep) -> Response:
    """The same; memories of the session named go before the others."""
    if body.session_scope == "only":
        query = _memory_query(body, only_session=body.session_id)
    else:
        query = _memory_query(body, preferred_session=body.session_id)
    scope = scope_of(caller, body.tenant_id, body.user_id)
    params = await services.retrieval_params.of(scope.tenant_id)
    found = await services.search.find(scope, replace(query, feedback_weight=params.feedback_weight))
    return _memories(found, body)


@router.get("/v1/memory/search", response_model=MessageSearchOut, responses=errors(403))
async def search_messages(
    asked: Annotated[MessageSearchIn, QueryParameters()], caller: CallerDep, services: ServicesDep
) -> Response:
    """Messages by meaning, importance and age; those that are archived or not embedded yet are left out."""
    filters = Filters(
        kinds=frozenset({RecordKind.MESSAGE}),
        session_id=asked.conversation_id,
        importance_min=asked.min_importance if asked.importance_min is None else asked.importance_min,
    )
    wanted = Query(
        text=asked.query,
        top_k=min(asked.top_k, MESSAGE_RESULTS_MAX),
        pool=min(asked.candidate_limit, MESSAGE_CANDIDATES_MAX),
        profile=S2_MESSAGE,
        filters=filters,
        as_of=asked.as_of,
    )
    found = await services.search.find(scope_of(caller, asked.tenant_id, asked.user_id), wanted)
    hits = [message_hit(hit) for hit in found.hits]
    body = MessageSearchOut(
        total=len(hits), items=hits, results=hits, position=found.position, degraded=found.found.degraded or None
    )
    return answer(body)


def _memory_query(
    body: MemorySearchIn, *, only_session: str | None = None, preferred_session: str | None = None
) -> Query:
    """S4-09: each side brings its best max(20, 3 k)."""
    filters = Filters(kinds=frozenset({RecordKind.MEMORY}), types=tuple(body.memory_types), session_id=only_session)
    return Query(
        text=body.query,
        top_k=body.top_k,
        pool=max(20, 3 * body.top_k),
        profile=S4_HYBRID,
        filters=filters,
        preferred_session=preferred_session,
        as_of=body.as_of,
    )


def _memories(found: Answer, body: MemorySearchIn) -> Response:
    """The list, or the list and the explanation; what a bare list cannot say is in the headers."""
    memories = [found_memory(hit) for hit in found.hits]
    explanation = explained(found, explain_level(body.explain))
    degraded = found.found.degraded
    headers = {"Mneme-Position": str(found.position)} | ({"Mneme-Degraded": ",".join(degraded)} if degraded else {})
    if explanation is None:
        return Response(_MEMORIES.dump_json(memories), 200, headers, JSON_MEDIA_TYPE)
    body_out = ExplainedMemories(
        results=memories, position=found.position, degraded=degraded or None, explain=explanation
    )
    return answer(body_out, 200, headers)
