"""The answers that the OpenAPI document lists besides a route's own."""

from __future__ import annotations

from typing import Any

from mneme_gateway.schemas.parts import Accepted, ErrorBody

_ALWAYS = (400, 401, 413, 415, 422, 500, 503, 504)
_DESCRIPTIONS = {
    400: "Malformed JSON, a bad id in the path, or an unsupported API version.",
    401: "No credential, or one that is not valid.",
    403: "The request names another tenant or user, or its content holds a secret.",
    404: "There is no such thing, or it is not yours.",
    409: "The Idempotency-Key was used with another request, or the state has moved on.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    421: "The Host is not this server.",
    422: "A field is missing, unknown or out of its limits; `details.fields` names each.",
    429: "Too much at once: send it again after Retry-After.",
    500: "Our fault; quote the request id.",
    503: "Something that is needed is away. With code OUTCOME_UNKNOWN, retry with the same Idempotency-Key.",
    504: "The request took too long.",
}

Responses = dict[int | str, dict[str, Any]]

PENDING: Responses = {
    202: {"model": Accepted, "description": "Durable; the outcome is not known yet. Ask the operation's URL."}
}


def errors(*statuses: int) -> Responses:
    """The errors of a route: those named and those of every route."""
    return {
        status: {"model": ErrorBody, "description": _DESCRIPTIONS[status]} for status in sorted({*statuses, *_ALWAYS})
    }
