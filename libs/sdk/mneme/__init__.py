"""The Python client of Mneme, the memory layer for AI agents.

``Mneme`` blocks, ``AsyncMneme`` is awaited; both have the same verbs. Every write carries an idempotency key that
retries repeat, so what was accepted is applied once, however often it had to be sent.
"""

from __future__ import annotations

from mneme.client import AsyncMneme, Mneme
from mneme.errors import (
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    MnemeError,
    NotFoundError,
    PartlyRefusedError,
    PendingError,
    RateLimitedError,
    ServerError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
    UnexpectedAnswerError,
    UnprocessableError,
)
from mneme.retry import Retry
from mneme.version import __version__

__all__ = [
    "AsyncMneme",
    "BadRequestError",
    "ConflictError",
    "ConnectionFailedError",
    "ForbiddenError",
    "Mneme",
    "MnemeError",
    "NotFoundError",
    "PartlyRefusedError",
    "PendingError",
    "RateLimitedError",
    "Retry",
    "ServerError",
    "TooLargeError",
    "UnauthorizedError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "UnprocessableError",
    "__version__",
]
