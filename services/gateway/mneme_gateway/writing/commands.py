"""Commands from requests: secrets refused, personal data replaced, then validated as the contract has it (S4-54)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from mneme_common.contracts.commands import EventData
from mneme_common.domain.sensitivity import find_secret, scrub
from mneme_gateway.errors import ApiError, invalid_fields

D = TypeVar("D", bound=EventData)


def scrubbed(text: str) -> str:
    """The text with personal data replaced; raises ApiError 403 when it holds a secret."""
    secret = find_secret(text)
    if secret is not None:
        raise ApiError(
            403,
            "SENSITIVE_CONTENT",
            f"The content holds {secret} and was not stored.",
            hint="Remove the secret and send it again.",
        )
    return scrub(text)


def command(model: type[D], fields: Mapping[str, object]) -> D:
    """The data of a command; raises ApiError 422 when scrubbing has made a field too long."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise invalid_fields(
            [
                {"field": ".".join(map(str, fault["loc"])), "message": fault["msg"], "type": fault["type"]}
                for fault in error.errors()
            ]
        ) from None
