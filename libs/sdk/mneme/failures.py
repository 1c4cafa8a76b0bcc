"""From an answer, or none, to the error that says what went wrong."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from mneme.errors import (
    ConnectionFailedError,
    MnemeError,
    PendingError,
    UnavailableError,
    UnexpectedAnswerError,
    class_of,
)
from mneme.retry import Reply, never_sent, retry_after

_SERVER_CANNOT_TELL = frozenset({502, 504})
_EXCERPT = 200


def read_json(response: httpx.Response) -> object:
    """The body as JSON, None when there is none; raises UnexpectedAnswerError."""
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        raise UnexpectedAnswerError(
            f"expected JSON, got {response.headers.get('Content-Type', 'no content type')}: {response.text[:_EXCERPT]}",
            status=response.status_code,
        ) from None


def failure(reply: Reply, idempotency_key: str | None) -> MnemeError:
    """The error for an answer with status 202 or 400 and above, or for the lack of one."""
    if isinstance(reply, httpx.TransportError):
        return _no_answer(reply, idempotency_key)
    if reply.status_code == 202:
        return _pending(reply, idempotency_key)
    return _refused(reply, idempotency_key)


def _no_answer(error: httpx.TransportError, idempotency_key: str | None) -> ConnectionFailedError:
    reason = str(error) or type(error).__name__
    try:
        where = f"{error.request.url.scheme}://{error.request.url.netloc.decode()}"
    except RuntimeError:
        where = "the server"
    unknown = idempotency_key is not None and not never_sent(error)
    hint = "It may have been written: send it again with the same idempotency key." if unknown else None
    failed = ConnectionFailedError(f"No answer from {where}: {reason}.", code="NO_ANSWER", hint=hint)
    failed.outcome_unknown = unknown
    failed.idempotency_key = idempotency_key
    return failed


def _pending(response: httpx.Response, idempotency_key: str | None) -> PendingError:
    body = _object(read_json(response))
    pending = PendingError(
        "The write is durable, but its outcome is not known yet.",
        operation_id=str(body.get("operation_id", "")),
        operation_url=str(body.get("operation_url", "")),
    )
    pending.idempotency_key = idempotency_key
    return pending


def _refused(response: httpx.Response, idempotency_key: str | None) -> MnemeError:
    body = _body_of_error(response)
    described = _object(body.get("error"))
    status = response.status_code
    message = described.get("message") or body.get("detail") or response.text[:_EXCERPT] or response.reason_phrase
    error = class_of(status)(
        str(message),
        status=status,
        code=str(described.get("code", f"HTTP_{status}")),
        request_id=_text(described.get("request_id") or response.headers.get("X-Request-ID")),
        details=_object(described.get("details")),
        hint=_text(described.get("hint")),
        retry_after=retry_after(response),
    )
    if isinstance(error, UnavailableError):
        error.idempotency_key = idempotency_key
        cannot_tell = error.code == "OUTCOME_UNKNOWN" or status in _SERVER_CANNOT_TELL
        error.outcome_unknown = cannot_tell and idempotency_key is not None
    return error


def _body_of_error(response: httpx.Response) -> Mapping[str, object]:
    """The body of an error; a proxy's page in HTML counts as none."""
    try:
        return _object(read_json(response))
    except UnexpectedAnswerError:
        return {}


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
