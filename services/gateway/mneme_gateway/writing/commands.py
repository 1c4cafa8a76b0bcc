"""Commands from requests, validated as the contract has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from mneme_common.contracts.commands import EventData
from mneme_gateway.errors import invalid_fields

D = TypeVar("D", bound=EventData)


def command(model: type[D], fields: Mapping[str, object]) -> D:
    """The data of a command; raises ApiError 422 when a field is not as the contract has it."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise invalid_fields(
            [
                {"field": ".".join(map(str, fault["loc"])), "message": fault["msg"], "type": fault["type"]}
                for fault in error.errors()
            ]
        ) from None
