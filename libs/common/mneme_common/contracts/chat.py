"""A conversation with a model, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mneme_common.contracts.commands import Usage
from mneme_common.domain.metadata import JsonValue


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message to the model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """What the model answered; ``finish`` is ``stop`` when it came to an end by itself."""

    text: str
    finish: str = "stop"
    refusal: str | None = None
    model: str | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What an answer in JSON has to look like: a name, and a JSON schema."""

    name: str
    schema: Mapping[str, JsonValue]


def total(usages: list[Usage]) -> Usage:
    """The sum of several calls."""
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        requests=sum(usage.requests for usage in usages),
    )
