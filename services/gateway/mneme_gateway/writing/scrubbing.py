"""The last thing before a write becomes an event: every text in it as its tenant's policy lets it be kept (S4-54)."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from mneme_common.domain.scrubbing import Scrubber, SensitiveTextError
from mneme_gateway.errors import ApiError, invalid_fields
from mneme_gateway.writing.events import Write


def scrubbed(write: Write, scrubber: Scrubber) -> Write | ApiError:
    """The write that may go on the log, or the answer 403 (a secret) or 422 (a field is too long once scrubbed)."""
    try:
        data = scrubber.model(write.data)
    except ValidationError as error:
        return invalid_fields(
            [
                {"field": ".".join(map(str, fault["loc"])), "message": fault["msg"], "type": fault["type"]}
                for fault in error.errors()
            ]
        )
    except SensitiveTextError as error:
        return refusal_of(error)
    return write if data is write.data else replace(write, data=data)


def scrubbed_text(text: str, field: str, scrubber: Scrubber) -> str:
    """A text that is kept beside the log; raises ApiError 403 when it holds a secret."""
    try:
        return scrubber.text(text, field)
    except SensitiveTextError as error:
        raise refusal_of(error) from None


def refusal_of(error: SensitiveTextError) -> ApiError:
    """The answer 403 to what a policy refuses."""
    return ApiError(403, "SENSITIVE_CONTENT", str(error), hint="Remove it and send the rest again.")
