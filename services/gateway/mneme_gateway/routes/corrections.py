"""Teach, correct and forget: memory in the user's hands, by id or in words (features.md, S1-15 to S1-17, C3)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep, Scope, scope_of
from mneme_gateway.errors import invalid_field
from mneme_gateway.routes.answers import accepted, answer
from mneme_gateway.routes.batch_items import note_results
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.memory_answers import corrected_memory, written_memory
from mneme_gateway.routes.preconditions import ExpectedVersion
from mneme_gateway.routes.responses import PENDING, Responses, errors
from mneme_gateway.routes.write_options import WriteOptions, WriteOptionsDep
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.memory_versions import (
    CorrectedMemory,
    CorrectIn,
    CorrectionIn,
    CorrectMatchIn,
    ForgetIn,
    ForgetOut,
    Forgotten,
    TeachIn,
)
from mneme_gateway.search.matching import Match, match_memory
from mneme_gateway.services import Services, ServicesDep
from mneme_gateway.writing import memories, revisions
from mneme_gateway.writing.writer import Result

router = APIRouter(prefix="/v1", tags=["memories"], route_class=JsonRoute)

_UNCHANGED: Responses = {200: {"model": MemoryOut, "description": "It was known already; nothing has changed."}}
_PARTLY: Responses = {207: {"model": ForgetOut, "description": "Not all were forgotten: see `errors` and `pending`."}}


@router.post(
    "/teach", status_code=201, response_model=MemoryOut, responses=_UNCHANGED | PENDING | errors(403, 404, 409, 429)
)
async def teach(
    body: TeachIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep, expected: ExpectedVersion
) -> Response:
    """Remembers what somebody wants remembered; its history says that it was taught."""
    write = memories.teach(caller, body, expected=expected)
    result = await services.writer.write_one(options.attempt("memories.teach"), write)
    return await written_memory(services, result, options)


@router.post("/correct", response_model=CorrectedMemory, responses=PENDING | errors(403, 404, 409, 429))
async def correct(
    body: CorrectIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep, expected: ExpectedVersion
) -> Response:
    """Says what is true instead of one memory, named or searched for. Its old version stays in the history."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    return await _correct(services, options, scope, body, (body.memory_id, body.query), expected)


@router.post("/memories/correct", response_model=CorrectedMemory, responses=PENDING | errors(403, 404, 409, 429))
async def correct_match(
    body: CorrectMatchIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """The same for the memory that best matches the query; `matched_memory_id` names the version that was found."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    return await _correct(services, options, scope, body, (None, body.query), None)


@router.post("/forget", response_model=ForgetOut, responses=_PARTLY | PENDING | errors(403, 404, 409, 429))
async def forget(
    body: ForgetIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep, expected: ExpectedVersion
) -> Response:
    """Ends memories with a tombstone: they are neither listed nor found any more, and their history stays."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    if body.memory_ids is not None:
        if expected is not None:
            raise invalid_field("If-Match", "goes with one memory, not with memory_ids")
        return await _forget_all(services, options, scope, body, list(dict.fromkeys(body.memory_ids)))
    target = await _target(services, scope, body.memory_id, body.query)
    write = revisions.forget(scope, target, body, expected=expected)
    result = await services.writer.write_one(options.attempt("memories.forget"), write)
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    outcome = ForgetOut()
    _note_forgotten(outcome, [result], [body.memory_id])
    if body.query is not None:
        outcome.matched_memory_id = outcome.forgotten[0].memory_id
    return answer(outcome, 200, options.headers)


async def _correct(
    services: Services,
    options: WriteOptions,
    scope: Scope,
    body: CorrectionIn,
    named: tuple[UUID | None, str | None],
    expected: int | None,
) -> Response:
    target = await _target(services, scope, *named)
    write = revisions.correct(scope, target, body, expected=expected)
    result = await services.writer.write_one(options.attempt("memories.correct"), write)
    return await corrected_memory(services, result, options, matched=named[0] is None)


async def _target(services: Services, scope: Scope, memory_id: UUID | None, query: str | None) -> UUID | Match | None:
    """What the words stand for; nothing found is for the resolver to refuse, so that a retry is answered alike."""
    return memory_id if query is None else await match_memory(services.search, scope, query)


async def _forget_all(
    services: Services, options: WriteOptions, scope: Scope, body: ForgetIn, memory_ids: list[UUID]
) -> Response:
    writes = [revisions.forget(scope, memory_id, body, index=index) for index, memory_id in enumerate(memory_ids)]
    results = await services.writer.write(options.attempt("memories.forget_all"), writes)
    outcome = ForgetOut()
    note_results(services.operations, results, outcome.errors, outcome.pending)
    _note_forgotten(outcome, results, list(memory_ids))
    complete = not outcome.errors and not outcome.pending
    return answer(outcome, 200 if complete else 207, options.headers)


def _note_forgotten(outcome: ForgetOut, results: Sequence[Result], asked: Sequence[UUID | None]) -> None:
    for result, memory_id in zip(results, asked, strict=True):
        if result.outcome is not None and result.refusal is None:
            body = result.outcome.body
            outcome.forgotten.append(
                Forgotten(
                    memory_id=(memory_id or UUID(body["replaced_id"])).hex,
                    root_id=UUID(body["root_id"]).hex,
                    tombstone_id=UUID(body["memory_id"]).hex,
                )
            )
