"""The extractor that asks a model behind the OpenAI API, and checks what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from openai import AsyncOpenAI

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.failures import PermanentError
from mneme_extractor.adapters.chat_endpoint import ChatEndpoint, Spent
from mneme_extractor.decide.capabilities import Capabilities
from mneme_extractor.decide.chat import ChatAnswer, ChatMessage, total
from mneme_extractor.decide.extraction import Extraction, utterance_of
from mneme_extractor.decide.model_output import Reading, read_answer
from mneme_extractor.decide.parts import split_content
from mneme_extractor.decide.prompt import prompt_hash, question, repair
from mneme_extractor.decide.retrying import RetryPolicy
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance, has_words, speaks_for_itself

NAME = "openai"


class OpenAIExtractor:
    """An Extractor. A message that says nothing of anybody, or nothing at all, is not sent to the model."""

    def __init__(self, endpoint: ChatEndpoint, *, longest: int) -> None:
        self._endpoint = endpoint
        self._longest = longest
        self._prompt_hash = prompt_hash()

    async def extract(self, message: MessageRecorded) -> Extraction:
        """See Extractor. A long message is asked about in parts."""
        utterance = utterance_of(message)
        statements: list[Statement] = []
        dropped: list[str] = []
        answers: list[ChatAnswer] = []
        if speaks_for_itself(utterance):
            for start, text in split_content(utterance.content, self._longest):
                if has_words(text):
                    reading = await self._read(replace(utterance, content=text), answers)
                    statements += [_moved(statement, start) for statement in reading.statements]
                    dropped += reading.dropped
        return Extraction(
            NAME,
            tuple(statements),
            model=next((answer.model for answer in answers if answer.model), self._endpoint.model),
            prompt_hash=self._prompt_hash,
            usage=total([answer.usage for answer in answers]),
            dropped=tuple(dropped),
        )

    async def _read(self, utterance: Utterance, answers: list[ChatAnswer]) -> Reading:
        """What can be believed of the answer; one that cannot be used is asked for once more with its fault."""
        answer = await self._endpoint.ask(lambda understood: _asked(utterance, understood))
        answers.append(answer)
        reading = read_answer(answer, utterance)
        if reading.fault is None:
            return reading
        faulty, fault = answer, reading.fault
        answer = await self._endpoint.ask(lambda understood: repair(_asked(utterance, understood), faulty, fault))
        answers.append(answer)
        reading = read_answer(answer, utterance)
        if reading.fault is not None:
            raise PermanentError("invalid_model_output", f"asked twice: at first {fault}; then {reading.fault}")
        return reading


@asynccontextmanager
async def openai_extractor(
    *,
    model: str,
    api_key: str | None,
    base_url: str | None,
    limit_seconds: float,
    attempts: int,
    longest: int,
    spent: Spent,
) -> AsyncIterator[OpenAIExtractor]:
    """An extractor with connections of its own, closed at the end. Servers of one's own often want no key."""
    client = AsyncOpenAI(api_key=api_key or "none", base_url=base_url, timeout=limit_seconds, max_retries=0)
    endpoint = ChatEndpoint(
        client, model, limit_seconds=limit_seconds, policy=RetryPolicy(attempts=attempts), spent=spent
    )
    try:
        yield OpenAIExtractor(endpoint, longest=longest)
    finally:
        await client.close()


def _asked(utterance: Utterance, understood: Capabilities) -> list[ChatMessage]:
    return question(utterance, schema_in_words=not understood.json_schema)


def _moved(statement: Statement, by: int) -> Statement:
    return replace(statement, start=statement.start + by, end=statement.end + by)
