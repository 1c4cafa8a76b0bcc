"""The extractor that asks a model behind the OpenAI API, and checks what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

from mneme_common.adapters.chat_endpoint import ChatEndpoint, Spent, chat_endpoint
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.chat import AnswerForm, ChatAnswer, ChatMessage, total
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.memory_schema import ActiveSchema
from mneme_common.domain.model_capabilities import Capabilities
from mneme_common.domain.subject import Subject
from mneme_extractor.adapters.allowance import Allowance
from mneme_extractor.decide.answer_key import AnswerKey, answer_key
from mneme_extractor.decide.extraction import Extraction, utterance_of
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.decide.model_output import Reading, read_answer
from mneme_extractor.decide.output_schema import SCHEMA_NAME, output_schema
from mneme_extractor.decide.parts import split_content
from mneme_extractor.decide.prompt import prompt_hash, question, repair
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance, has_words, speaks_for_itself
from mneme_extractor.ports import Schemas

NAME = "openai"


@lru_cache(maxsize=512)
def _form(own: ActiveSchema | None) -> AnswerForm:
    return AnswerForm(SCHEMA_NAME, output_schema(own))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIExtractor:
    """An Extractor. A message that says nothing of anybody, or nothing at all, is not sent to the model.

    What the tenant has been answered before is not asked again.
    """

    endpoint: ChatEndpoint
    longest: int
    allowance: Allowance | None = None
    schemas: Schemas | None = None

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """See Extractor. A long message is asked about in parts."""
        utterance = utterance_of(message)
        own = None if self.schemas is None else await self.schemas.active(subject.tenant_id)
        statements: list[Statement] = []
        dropped: list[str] = []
        answers: list[ChatAnswer] = []
        if speaks_for_itself(utterance):
            for start, text in split_content(utterance.content, self.longest):
                if has_words(text):
                    reading = await self._read(replace(utterance, content=text), own, subject, answers)
                    statements += [_moved(statement, start) for statement in reading.statements]
                    dropped += reading.dropped
        return Extraction(
            NAME,
            tuple(statements),
            model=next((answer.model for answer in answers if answer.model), self.endpoint.model),
            prompt_hash=prompt_hash(own),
            usage=total([answer.usage for answer in answers]),
            dropped=tuple(dropped),
        )

    async def _read(
        self, utterance: Utterance, own: ActiveSchema | None, subject: Subject, answers: list[ChatAnswer]
    ) -> Reading:
        """What can be believed of the answer; one that cannot be used is asked for once more with its fault."""
        plain = question(utterance, schema_in_words=False, own=own)
        key = answer_key(self.endpoint.model, prompt_hash(own), SCHEMA_VERSION, plain)
        reading = await self._known(key, utterance, own, subject, answers)
        if reading is not None:
            return reading
        answer = await self._ask(subject, own, lambda understood: _asked(utterance, own, understood))
        answers.append(answer)
        reading = read_answer(answer, utterance, own)
        if reading.fault is not None:
            faulty, fault = answer, reading.fault
            answer = await self._ask(
                subject, own, lambda understood: repair(_asked(utterance, own, understood), faulty, fault)
            )
            answers.append(answer)
            reading = read_answer(answer, utterance, own)
            if reading.fault is not None:
                raise PermanentError("invalid_model_output", f"asked twice: at first {fault}; then {reading.fault}")
        if self.allowance is not None:
            await self.allowance.answers.keep(subject, key, answer)
        return reading

    async def _known(
        self,
        key: AnswerKey,
        utterance: Utterance,
        own: ActiveSchema | None,
        subject: Subject,
        answers: list[ChatAnswer],
    ) -> Reading | None:
        """What an answer says that the tenant has had before; one that today's checks refuse is asked for again."""
        answer = None if self.allowance is None else await self.allowance.answers.find(subject, key)
        if self.allowance is None or answer is None:
            return None
        reading = read_answer(answer, utterance, own)
        if reading.fault is not None:
            return None
        answers.append(answer)
        self.allowance.used("cache")
        return reading

    async def _ask(
        self, subject: Subject, own: ActiveSchema | None, asked: Callable[[Capabilities], list[ChatMessage]]
    ) -> ChatAnswer:
        if self.allowance is None:
            return await self.endpoint.ask(subject.tenant_id, asked, _form(own))
        return await self.allowance.ask(self.endpoint, subject, asked, _form(own))


@asynccontextmanager
async def openai_extractor(  # noqa: PLR0913  (one keyword for each setting)
    *,
    model: str,
    api_key: str | None,
    base_url: str | None,
    limit_seconds: float,
    attempts: int,
    longest: int,
    spent: Spent,
    allowance: Allowance | None = None,
    schemas: Schemas | None = None,
) -> AsyncIterator[OpenAIExtractor]:
    """An extractor with connections of its own, closed at the end. Servers of one's own often want no key."""
    async with chat_endpoint(
        model=model,
        api_key=api_key,
        base_url=base_url,
        limit_seconds=limit_seconds,
        attempts=attempts,
        spent=spent,
        doing="extract",
    ) as endpoint:
        yield OpenAIExtractor(endpoint=endpoint, longest=longest, allowance=allowance, schemas=schemas)


def _asked(utterance: Utterance, own: ActiveSchema | None, understood: Capabilities) -> list[ChatMessage]:
    return question(utterance, schema_in_words=not understood.json_schema, own=own)


def _moved(statement: Statement, by: int) -> Statement:
    return replace(statement, start=statement.start + by, end=statement.end + by)
