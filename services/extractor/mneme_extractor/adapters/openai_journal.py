"""A model behind the OpenAI API that reads the journal."""

from __future__ import annotations

from dataclasses import dataclass

from mneme_common.adapters.chat_endpoint import ChatEndpoint
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.chat import ChatAnswer, ChatMessage
from mneme_common.domain.model_capabilities import Capabilities
from mneme_common.domain.subject import Subject
from mneme_extractor.adapters.allowance import Allowance
from mneme_extractor.decide.answer_key import answer_key
from mneme_extractor.decide.extraction import Extraction, utterance_of
from mneme_extractor.decide.journal import Item
from mneme_extractor.decide.journal_output import read_actions
from mneme_extractor.decide.journal_prompt import form, prompt_hash, question
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.decide.utterance import Utterance, has_words, speaks_for_itself
from mneme_extractor.ports import JournalItems

NAME = "openai-journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIJournal:
    """An Extractor of items by a model; of a message longer than ``longest`` characters only that much is read."""

    endpoint: ChatEndpoint
    items: JournalItems
    longest: int
    allowance: Allowance

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """See Extractor. What a model answers that cannot be used is dropped: the journal goes on."""
        utterance = utterance_of(message)
        words = utterance.content[: self.longest]
        if not speaks_for_itself(utterance) or not has_words(words):
            return Extraction(NAME)
        read = Utterance(words, utterance.role, utterance.name, utterance.occurred_at)
        known = await self.items.known(subject)
        answer = await self._answer(read, known, subject)
        reading = read_actions(answer, read, known)
        return Extraction(
            NAME,
            reading.statements,
            model=answer.model or self.endpoint.model,
            prompt_hash=prompt_hash(),
            usage=answer.usage,
            dropped=reading.dropped,
        )

    async def _answer(self, utterance: Utterance, known: list[Item], subject: Subject) -> ChatAnswer:
        def asked(understood: Capabilities) -> list[ChatMessage]:
            return question(utterance, known, schema_in_words=not understood.json_schema)

        key = answer_key(self.endpoint.model, prompt_hash(), SCHEMA_VERSION, asked(Capabilities()))
        kept = await self.allowance.answers.find(subject, key)
        if kept is not None:
            self.allowance.used("cache")
            return kept
        answer = await self.allowance.ask(self.endpoint, subject, asked, form())
        await self.allowance.answers.keep(subject, key, answer)
        return answer
