"""A person whose statements are decided and folded by the code that decides and folds a ledger, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.commands import EventData, Proposal, ProposeMemories, RecordMessage
from mneme_common.domain.vocabulary import Role
from mneme_extractor.decide.extraction import Extraction, command_of, utterance_of
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.decide.rule_extraction import extract
from mneme_resolver.decide.decision import Action
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.fold import apply_event
from mneme_resolver.decide.state import UserState
from tests.evaluation.resolver.pairs import Said

SAID_AT = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


class Person:
    """Everything is said on Monday, 8 May 2023."""

    def __init__(self) -> None:
        self.state = UserState("acme", "ann")

    def says(self, memory_class: str, said: Said) -> list[Action]:
        """What becomes of it: a sentence is read by the rules, values are proposed as they are."""
        content = said if isinstance(said, str) else ", ".join(said.values())
        message = self._record(content)
        if isinstance(said, str):
            extraction = Extraction("rules", extract(utterance_of(message)))
            return self._apply("memories.proposed", command_of(message, extraction, SCHEMA_VERSION))
        proposal = Proposal(
            action="create",
            memory_class=memory_class,
            values={"subject": "user", **said},
            content=content,
            confidence=0.9,
        )
        return self._apply("memories.proposed", _proposing(message, proposal))

    def knows(self, memory_id: UUID | None) -> UUID | None:
        """The chain of a version that is live."""
        memory = self.state.memories.get(memory_id) if memory_id else None
        return memory.root_id if memory else None

    def _record(self, content: str) -> MessageRecorded:
        self._apply("message.record", RecordMessage(conversation_id="c", role=Role.USER, content=content))
        message = next(reversed(self.state.messages.values()))
        return MessageRecorded(
            message_id=message.message_id,
            revision=1,
            event_id=message.event_id,
            conversation_id="c",
            role="user",
            content=content,
            occurred_at=SAID_AT,
            position=message.from_seq,
        )

    def _apply(self, event_type: str, data: EventData) -> list[Action]:
        seq = self.state.head_seq + 1
        event = ResolverEvent(
            event_id=uuid5(_NAMESPACE, str(seq)),
            tenant_id=self.state.tenant_id,
            user_id=self.state.user_id,
            type=event_type,
            version=1,
            source="evaluation",
            request_hash="",
            data=data,
        )
        decision, _ = apply_event(event, self.state, seq, SAID_AT + timedelta(seconds=seq))
        return decision.actions


def _proposing(message: MessageRecorded, proposal: Proposal) -> ProposeMemories:
    return ProposeMemories(
        message_id=message.message_id,
        revision=1,
        source_event_id=message.event_id,
        extractor="given",
        schema_version=SCHEMA_VERSION,
        proposals=[proposal],
    )
