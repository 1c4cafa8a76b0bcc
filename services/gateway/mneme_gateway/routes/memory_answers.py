"""The answer of a write to one memory: the version that it made, or found already there."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from mneme_gateway.errors import ApiError
from mneme_gateway.routes.answers import accepted, answer
from mneme_gateway.routes.preconditions import entity_tag
from mneme_gateway.routes.write_options import WriteOptions
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.memory_versions import CorrectedMemory
from mneme_gateway.services import Services
from mneme_gateway.writing.writer import Result


async def written_memory(services: Services, result: Result, options: WriteOptions) -> Response:
    """201 with a new version, 200 with one that was there, 202 while that is not known."""
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    memory = await read_written(services, result)
    return answer(memory, int(result.outcome.body["status"]), _headers(memory, options))


async def corrected_memory(services: Services, result: Result, options: WriteOptions, *, matched: bool) -> Response:
    """200 with the version that says it right; ``matched`` when a query named what it replaces."""
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    memory = await read_written(services, result)
    replaced = UUID(result.outcome.body.get("replaced_id", result.outcome.body["memory_id"])).hex
    corrected = CorrectedMemory(
        **memory.model_dump(),
        replaced_id=replaced if replaced != memory.memory_id else None,
        matched_memory_id=replaced if matched else None,
    )
    return answer(corrected, 200, _headers(memory, options))


async def read_written(services: Services, result: Result) -> MemoryOut:
    """The version that the outcome names; raises ApiError 409 when it has been erased since."""
    if result.outcome is None:
        raise ValueError("the outcome is not known")
    outcome = result.outcome.body
    memory_id = UUID(outcome["memory_id"])
    found = await services.memories.some(result.write.scope, [memory_id])
    if memory_id not in found:
        raise ApiError(409, "GONE_MEANWHILE", "The memory was stored, and has been erased since.")
    return found[memory_id].model_copy(update={"action": outcome["action"]})


def _headers(memory: MemoryOut, options: WriteOptions) -> dict[str, str]:
    return {**options.headers, **entity_tag(memory.version), "Location": f"/v1/memories/{memory.memory_id}"}
