"""Things said, for the extractor's tests. They are said on Monday, 8 May 2023."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.rule_extraction import extract
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance

SAID_AT = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
ANN = Subject("acme", "ann")
_NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def said(content: str, *, role: str = "user", name: str | None = None) -> Utterance:
    """An utterance on that Monday."""
    return Utterance(content, role, name, SAID_AT)


def found(content: str, *, role: str = "user", name: str | None = None) -> tuple[Statement, ...]:
    """What the rules find in it."""
    return extract(said(content, role=role, name=name))


def summaries(content: str, *, role: str = "user", name: str | None = None) -> list[str]:
    """The same, as "class: values without the subject", a minus before what is to be forgotten."""
    return [_summary(statement) for statement in found(content, role=role, name=name)]


def _summary(statement: Statement) -> str:
    values = "; ".join(str(value) for field, value in statement.values.items() if field != "subject")
    sign = "-" if statement.action == "delete" else ""
    return f"{sign}{statement.memory_class}: {values}"


def recorded(content: str, *, number: int = 1, role: str = "user", name: str | None = None) -> MessageRecorded:
    """A recorded message; the same number gives the same ids."""
    return MessageRecorded(
        message_id=uuid5(_NAMESPACE, f"message {number}"),
        revision=1,
        event_id=uuid5(_NAMESPACE, f"event {number}"),
        conversation_id="c1",
        role=role,
        name=name,
        content=content,
        occurred_at=SAID_AT,
        position=number,
    )
