"""What FastAPI and the drivers raise, as errors of the API."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from psycopg import DataError, OperationalError
from starlette.exceptions import HTTPException

from mneme_gateway.errors import ApiError, error_response, invalid_fields, unavailable

_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def add_error_handlers(app: FastAPI) -> None:
    """Has every error answered in the one shape (features.md, C9)."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(DataError, _unstorable)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        error = _as_api_error(error)
    return error_response(error, request.state.request_id)


def _as_api_error(error: Exception) -> ApiError:
    if not isinstance(error, HTTPException):
        raise error
    code = _CODES.get(error.status_code, "BAD_REQUEST")
    return ApiError(error.status_code, code, str(error.detail), headers=error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    if any(fault["type"] == "json_invalid" for fault in faults):
        refusal = ApiError(400, "MALFORMED_JSON", "The body is not valid JSON in UTF-8.")
    else:
        described = [_fault(fault["loc"], fault["msg"], fault["type"]) for fault in faults]
        refusal = invalid_fields(described)
        if any(fault["loc"][0] == "path" for fault in faults):
            refusal = ApiError(400, "BAD_PATH", str(refusal.detail), details=refusal.details)
    return error_response(refusal, request.state.request_id)


def _fault(location: tuple[str | int, ...], message: str, kind: str) -> dict[str, str]:
    """One fault, without the value: it may be private."""
    field = ".".join(map(str, location[1:])) or str(location[0])
    return {"field": field, "message": message, "type": kind}


async def _database_away(request: Request, _error: Exception) -> Response:
    return error_response(unavailable("The database cannot be reached."), request.state.request_id)


async def _unstorable(request: Request, _error: Exception) -> Response:
    return error_response(ApiError(400, "BAD_VALUE", "A value cannot be stored as text."), request.state.request_id)
