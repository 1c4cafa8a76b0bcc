"""What an answer of a model is an answer to: the same key is the same question to the same model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mneme_common.contracts.chat import ChatMessage
from mneme_common.domain.identifiers import digest


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """``question_hash`` is SHA-256, in hex, over all messages of the question: wording, speaker, day and content."""

    model: str
    prompt_hash: str
    schema_version: str
    question_hash: str


def answer_key(model: str, prompt_hash: str, schema_version: str, asked: Sequence[ChatMessage]) -> AnswerKey:
    """The key of a question."""
    parts = [part for message in asked for part in (message.role, message.content)]
    return AnswerKey(model, prompt_hash, schema_version, digest("question", *parts).hex())
