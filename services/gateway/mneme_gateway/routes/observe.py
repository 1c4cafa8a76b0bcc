"""Observe a dialogue and remember what matters (features.md, S4-22)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep, Scope, scope_of
from mneme_gateway.reading.memories import MemoryReader
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.batch_items import note_results, plan
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import Responses, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.observe import ObservedMemory, ObserveIn, ObserveOut
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing.observing import is_said, observe
from mneme_gateway.writing.writer import Result

router = APIRouter(prefix="/v1", tags=["memories"], route_class=JsonRoute)

_NO_MODEL = "No language model is configured: each message was remembered as it is."
_NOT_READ_YET = "Not everything has been read yet: further memories may follow."
_SECRETS = "Messages with secrets were passed over."
_LATER: Responses = {202: {"model": ObserveOut, "description": "Durable; some of it is still on its way."}}


@router.post("/observe", response_model=ObserveOut, responses=_LATER | errors(403, 404, 409, 429))
async def observe_dialogue(
    body: ObserveIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Records the messages and answers with the memories that they gave."""
    deadline = asyncio.get_running_loop().time() + options.wait_seconds
    scope = scope_of(caller, body.tenant_id, body.user_id)
    said = [index for index, message in enumerate(body.messages) if is_said(message)]
    remember = not services.reads_with_model
    outcome = ObserveOut(memories=[])
    planned = plan([partial(observe, scope, body, index, remember=remember) for index in said], outcome.errors)
    for error in outcome.errors:
        error.message_index = said[error.message_index]
    results = await services.writer.write(options.attempt("observe"), planned)
    note_results(services.operations, results, outcome.errors, outcome.pending)
    recorded = [result for result in results if result.status == "recorded"]
    outcome.message_ids = [str(result.outcome.body["message_id"]) for result in recorded if result.outcome]
    outcome.position = max((result.outcome.position for result in recorded if result.outcome), default=None)
    if services.reads_with_model:
        read = await services.extractions.all_read(scope, [result.event.event_id for result in recorded], deadline)
        memories = await services.memories.drawn_from(scope, list(map(UUID, outcome.message_ids)))
    else:
        read, memories = True, await _remembered(services.memories, scope, recorded)
    outcome.memories = [
        ObservedMemory(memory_id=memory.memory_id, content=memory.content, memory_type=memory.memory_type)
        for memory in memories
    ]
    outcome.warning = _warning(outcome, read=read, remembered=remember)
    return answer(outcome, 200 if read and not outcome.pending else 202, options.headers)


async def _remembered(reader: MemoryReader, scope: Scope, results: Sequence[Result]) -> list[MemoryOut]:
    ids = [UUID(body["memory_id"]) for body in _bodies(results) if body.get("memory_id")]
    found = await reader.some(scope, ids) if ids else {}
    return [found[memory_id] for memory_id in ids if memory_id in found]


def _bodies(results: Sequence[Result]) -> list[dict[str, str]]:
    return [result.outcome.body for result in results if result.outcome is not None]


def _warning(outcome: ObserveOut, *, read: bool, remembered: bool) -> str | None:
    parts = [_NO_MODEL] if remembered else []
    if not read or outcome.pending:
        parts.append(_NOT_READ_YET)
    if any(error.code == "SENSITIVE_CONTENT" for error in outcome.errors):
        parts.append(_SECRETS)
    return " ".join(parts) or None
