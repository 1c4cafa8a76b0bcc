"""What the API says when it refuses: one shape for every error (features.md, C9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

JSON_MEDIA_TYPE = "application/json"


class ApiError(HTTPException):
    """Ends a request with ``status``; ``code`` is a stable word, ``message`` is for people and tells no internals."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message, dict(headers or {}))
        self.code = code
        self.details = details
        self.hint = hint


def error_response(error: ApiError, request_id: str) -> Response:
    """The response of an error: ``detail`` as text, ``error`` with the parts, ``retry_after`` where it is known."""
    described: dict[str, Any] = {
        "code": error.code,
        "message": error.detail,
        "request_id": request_id,
        "timestamp": datetime.now(UTC).isoformat(),
    }
    if error.details is not None:
        described["details"] = error.details
    if error.hint is not None:
        described["hint"] = error.hint
    body: dict[str, Any] = {"detail": error.detail, "error": described}
    headers = dict(error.headers or {})
    retry_after = headers.get("Retry-After")
    if retry_after is not None:
        body["retry_after"] = int(retry_after)
    return Response(orjson.dumps(body), error.status_code, headers, JSON_MEDIA_TYPE)


def not_found(what: str) -> ApiError:
    """404 for an id that does not exist or is not the caller's; the two look the same."""
    return ApiError(404, "NOT_FOUND", f"{what} not found")


def invalid_fields(faults: Sequence[Mapping[str, str]]) -> ApiError:
    """422 that names each field: ``{field, message, type}``."""
    summary = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults[:3])
    return ApiError(422, "VALIDATION_ERROR", summary, details={"fields": list(faults)})


def invalid_field(field: str, message: str) -> ApiError:
    """422 that names one field."""
    return invalid_fields([{"field": field, "message": message, "type": "value_error"}])


def unavailable(message: str, *, code: str = "SERVICE_UNAVAILABLE", hint: str | None = None) -> ApiError:
    """503 for something that the request needs and that is away now."""
    return ApiError(503, code, message, hint=hint, headers={"Retry-After": "1"})
