"""Extraction from one text: what is found in it, and what becomes of that (features.md, S1-42 to S1-45)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response

from mneme_common.contracts.commands import Proposal, RecordMessage
from mneme_common.domain.scrubbing import Scrubber
from mneme_gateway.auth.caller import CallerDep
from mneme_gateway.errors import ApiError
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import Responses, errors
from mneme_gateway.routes.write_options import WriteOptions, WriteOptionsDep
from mneme_gateway.schemas.extract import ExtractDecision, ExtractIn, ExtractOut
from mneme_gateway.schemas.messages import MessageIn
from mneme_gateway.services import Services, ServicesDep
from mneme_gateway.writing.events import Write
from mneme_gateway.writing.messages import record
from mneme_gateway.writing.scrubbing import scrubbed

router = APIRouter(prefix="/v1", tags=["memories"], route_class=JsonRoute)

_LATER: Responses = {
    202: {
        "model": ExtractOut,
        "description": "Not read yet: recorded it will be; not to be stored, it is forgotten, so ask again.",
    }
}


@router.post("/extract", response_model=ExtractOut, responses=_LATER | errors(403, 404, 409, 429))
async def extract(body: ExtractIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep) -> Response:
    """Reads a text for what to remember and answers with what was decided about each finding.

    With `"store": false` nothing is kept, and the answer is what would be proposed.
    """
    said = {name: getattr(body, name) for name in ("role", "name", "session_id", "namespace", "occurred_at")}
    message = MessageIn(tenant_id=body.tenant_id, user_id=body.user_id, content=body.message, **said)
    write = record(caller, message)
    found = await (_stored if body.store else _previewed)(services, write, body, options)
    if body.memory_class is not None:
        found.decisions = [one for one in found.decisions if one.memory_class == body.memory_class]
    return answer(found, 200 if found.status == "done" else 202, options.headers)


async def _stored(services: Services, write: Write, body: ExtractIn, options: WriteOptions) -> ExtractOut:
    deadline = asyncio.get_running_loop().time() + options.wait_seconds
    attempt = options.attempt("extract")
    if attempt.idempotency_key is None and body.turn_id is not None:
        attempt = replace(attempt, idempotency_key=f"turn {body.turn_id}")
    result = await services.writer.write_one(attempt, write)
    if result.outcome is None:
        return ExtractOut(status="pending", stored=True)
    event_id = result.event.event_id
    read = await services.extractions.all_read(write.scope, [event_id], deadline)
    read_by, decisions = await services.extracted.decided(write.scope, event_id) if read else ({}, [])
    status = "done" if read else "pending"
    return ExtractOut(
        status=status, stored=True, message_id=result.outcome.body["message_id"], decisions=decisions, **read_by
    )


async def _previewed(services: Services, write: Write, _body: ExtractIn, options: WriteOptions) -> ExtractOut:
    tenant_id = write.scope.tenant_id
    await services.tenants.require({tenant_id})
    scrubber = await services.privacy.scrubber(tenant_id)
    checked = scrubbed(write, scrubber)
    if isinstance(checked, ApiError):
        raise checked
    if not isinstance(checked.data, RecordMessage):
        raise TypeError("a message is read")
    found = await services.previews.found(write.scope, checked.data, options.wait_seconds)
    if found is None:
        return ExtractOut(status="pending", stored=False)
    lenient = Scrubber(scrubber.policy.redacting(), scrubber.pseudonym_key)
    decisions = [_proposed(lenient.model(Proposal.model_validate(one))) for one in found["proposals"]]
    return ExtractOut(stored=False, extractor=found["extractor"], model=found["model"], decisions=decisions)


def _proposed(proposal: Proposal) -> ExtractDecision:
    shown: dict[str, Any] = proposal.model_dump(include={"action", "memory_class", "values", "content", "confidence"})
    return ExtractDecision(**shown)
