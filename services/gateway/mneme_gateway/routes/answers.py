"""Answers that several resources give."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from pydantic import BaseModel

from mneme_gateway.errors import JSON_MEDIA_TYPE
from mneme_gateway.schemas.parts import Accepted, ItemError, ItemPending
from mneme_gateway.writing.operations import OperationIds
from mneme_gateway.writing.writer import Result


def answer(body: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A model as JSON; nothing is validated a second time."""
    return Response(body.model_dump_json().encode(), status, dict(headers or {}), JSON_MEDIA_TYPE)


def accepted(operations: OperationIds, result: Result, headers: Mapping[str, str]) -> Response:
    """202: the write is durable, its outcome will be at the operation's URL."""
    scope = result.write.scope
    event_id = result.event.event_id
    url = operations.url(scope, event_id)
    body = Accepted(operation_id=operations.of(scope, event_id), status="pending", operation_url=url)
    return answer(body, 202, {**headers, "Location": url, "Retry-After": "1"})


def item_pending(operations: OperationIds, result: Result) -> ItemPending:
    """The same for one item of a batch."""
    scope = result.write.scope
    event_id = result.event.event_id
    return ItemPending(
        message_index=result.write.index,
        operation_id=operations.of(scope, event_id),
        operation_url=operations.url(scope, event_id),
    )


def item_error(index: int, status: int, code: str, message: str) -> ItemError:
    """One item of a batch that was refused."""
    return ItemError(message_index=index, error=message, code=code, status=status)
