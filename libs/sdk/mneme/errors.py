"""What can go wrong, one class per answer of the server.

Every error knows ``code`` (a stable word), ``message``, ``request_id`` to quote, and ``details``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mneme.answers.memories import MemoryBatch
    from mneme.answers.messages import BatchResult

Details = Mapping[str, object]


class MnemeError(Exception):
    """Any failure of a call. ``status`` is None where no answer came."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "ERROR",
        request_id: str | None = None,
        details: Details | None = None,
        hint: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        self.details: Details = details or {}
        self.hint = hint
        self.retry_after = retry_after

    def __str__(self) -> str:
        """The message, the hint where there is one, and what to quote when asking for help."""
        known = [str(part) for part in (self.status, self.code) if part not in (None, "ERROR")]
        if self.request_id:
            known.append(f"request {self.request_id}")
        text = f"{self.message} {self.hint}" if self.hint else self.message
        return f"{text} ({', '.join(known)})" if known else text


class BadRequestError(MnemeError):
    """400: malformed JSON or a bad id in a path."""


class UnauthorizedError(MnemeError):
    """401: no credential, or one that is not valid."""


class ForbiddenError(MnemeError):
    """403: another tenant or user was named, a master key is needed, or the content holds a secret."""


class NotFoundError(MnemeError):
    """404: there is no such thing, or it is not yours."""


class ConflictError(MnemeError):
    """409: the Idempotency-Key was used with another request, or the state has moved on."""


class TooLargeError(MnemeError):
    """413: the body is too large."""


class UnprocessableError(MnemeError):
    """422: a field is missing, unknown or out of its limits; ``details["fields"]`` names each."""


class RateLimitedError(MnemeError):
    """429: too much at once, and retries did not help within the policy's patience; see ``retry_after``."""


class ServerError(MnemeError):
    """5xx: the server's fault; quote the request id."""


class UnavailableError(ServerError):
    """503, 502 or 504: something that is needed is away.

    With ``outcome_unknown`` the write may have been done: send it again with the same ``idempotency_key``.
    """

    outcome_unknown = False
    idempotency_key: str | None = None


class ConnectionFailedError(UnavailableError):
    """No answer came: the server is not reachable, or the connection broke (then ``outcome_unknown`` for a write)."""


class UnexpectedAnswerError(MnemeError):
    """The server answered something that this version does not understand."""


class PendingError(MnemeError):
    """202: the write is durable and will be done, but its outcome was not known in time.

    Ask ``operations.get(error.operation_id)``, or send it again with the same ``idempotency_key``.
    """

    idempotency_key: str | None = None

    def __init__(self, message: str, *, operation_id: str = "", operation_url: str = "") -> None:
        hint = f"Ask again with operations.get({operation_id!r})." if operation_id else None
        super().__init__(message, status=202, code="PENDING", hint=hint)
        self.operation_id = operation_id
        self.operation_url = operation_url


class PartlyRefusedError(MnemeError):
    """Some items of a batch were refused, the others are written; ``result`` tells which and why."""

    def __init__(self, result: BatchResult | MemoryBatch) -> None:
        refused = result.errors
        first = "; ".join(f"item {item.index}: {item.error}" for item in refused[:3])
        more = f" (and {len(refused) - 3} more)" if len(refused) > 3 else ""
        super().__init__(f"{len(refused)} of {result.total} items were refused: {first}{more}", code="PARTLY_REFUSED")
        self.result = result


_CLASSES: Mapping[int, type[MnemeError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    413: TooLargeError,
    422: UnprocessableError,
    429: RateLimitedError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
}


def class_of(status: int) -> type[MnemeError]:
    """The error class of an HTTP status."""
    return _CLASSES.get(status, ServerError if status >= 500 else MnemeError)
