"""One turn of the journal: what was written is recorded, answered, and read for what it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from mneme_common.contracts.commands import RecordMessage
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.journal_reply import BY_RULES, Background, Noted, asked_of_model, reply_by_rule
from mneme_gateway.journaling.background import JournalBackground
from mneme_gateway.journaling.model_replies import ModelReplies, Reply
from mneme_gateway.metrics import GatewayMetrics
from mneme_gateway.reading.extractions import ExtractionReader
from mneme_gateway.reading.journal import JournalReader
from mneme_gateway.reading.messages import MessageReader
from mneme_gateway.schemas.journal import ChatIn, ChatOut, JournalChange
from mneme_gateway.writing import journaling as writes
from mneme_gateway.writing.events import Attempt
from mneme_gateway.writing.outcomes import Outcome
from mneme_gateway.writing.writer import Result, Writer


@dataclass(frozen=True, slots=True)
class _Said:
    """A message that is on record; ``text`` as its tenant's policy lets it be kept."""

    scope: Scope
    event_id: UUID
    message_id: UUID
    text: str
    position: int
    memory_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalChat:
    """The bot. Without ``model`` it answers from memory by rule."""

    writer: Writer
    messages: MessageReader
    items: JournalReader
    extractions: ExtractionReader
    background: JournalBackground
    metrics: GatewayMetrics
    model: ModelReplies | None = None

    async def turn(
        self, scope: Scope, body: ChatIn, attempt: Callable[[str], Attempt]
    ) -> tuple[ChatOut | None, Result]:
        """The answer, None while it is not known whether the message is recorded; and the write of the message.

        Raises ApiError 403 for a secret, 429 or 503 when there is no answer now. The message is kept then.
        """
        turn = attempt("journal.chat")
        write = writes.said(scope, body.message, memory_enabled=body.memory_enabled)
        result = await self.writer.write_one(turn, write)
        if result.outcome is None:
            return None, result
        said = _said(result, result.outcome, memory_enabled=body.memory_enabled)
        if self.model is None:
            read, changes = await self._read(said, turn.wait_seconds)
            reply = await self._by_rule(said, changes)
        else:
            reply = await self._by_model(said, self.model)
            read, changes = await self._read(said, turn.wait_seconds)
        outcome = ChatOut(
            response=reply.text, memory_changes=changes or None, message_id=str(said.message_id),
            answered_by=reply.by, position=said.position, pending=[] if read else ["memory"],
        )  # fmt: skip
        await self._record(said, outcome, attempt("journal.answer"))
        self.metrics.count_reply(reply.by, [change.action for change in changes])
        return outcome, result

    async def _read(self, said: _Said, wait_seconds: float) -> tuple[bool, list[JournalChange]]:
        """Whether the message has been read in time, and what that has changed."""
        if not said.memory_enabled:
            return True, []
        deadline = asyncio.get_running_loop().time() + wait_seconds
        read = await self.extractions.all_read(said.scope, [said.event_id], deadline)
        return read, await self.items.changes(said.scope, said.event_id) if read else []

    async def _by_rule(self, said: _Said, changes: list[JournalChange]) -> Reply:
        noted = [Noted(change.action, change.key, change.value) for change in changes]
        records = []
        if said.memory_enabled and not noted:
            records = await self.background.records(said.scope, said.text, said.position)
        return Reply(reply_by_rule(said.text, noted, records, memory_enabled=said.memory_enabled), BY_RULES)

    async def _by_model(self, said: _Said, model: ModelReplies) -> Reply:
        known = Background()
        if said.memory_enabled:
            known = await self.background.all(said.scope, said.text, said.position)
        reply = await model.reply(said.scope, asked_of_model(said.text, known))
        if reply is not None:
            return reply
        text = reply_by_rule(said.text, [], known.records, memory_enabled=said.memory_enabled)
        return Reply(text, BY_RULES)

    async def _record(self, said: _Said, outcome: ChatOut, attempt: Attempt) -> None:
        """Keeps the answer; a turn that is asked for again gets the one that was kept the first time."""
        write = writes.answered(said.scope, said.message_id, outcome.response or "")
        result = await self.writer.write_one(attempt, write)
        if result.outcome is None:
            outcome.pending.append("response")
            return
        answer_id = UUID(result.outcome.body["message_id"])
        kept = await self.messages.some(said.scope, [answer_id])
        outcome.response_id = str(answer_id)
        if answer_id in kept:
            outcome.response = kept[answer_id].content


def _said(result: Result, outcome: Outcome, *, memory_enabled: bool) -> _Said:
    data = result.write.data
    if not isinstance(data, RecordMessage):
        raise TypeError("a turn records a message")
    return _Said(
        scope=result.write.scope,
        event_id=result.event.event_id,
        message_id=UUID(outcome.body["message_id"]),
        text=data.content,
        position=outcome.position,
        memory_enabled=memory_enabled,
    )
