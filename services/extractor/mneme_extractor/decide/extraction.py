"""What came of reading one message, and the command that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.commands import (
    NoteExtractions,
    Proposal,
    ProposeMemories,
    ReadRevision,
    RecalledSpan,
    Span,
    Usage,
)
from mneme_common.domain.identifiers import digest, proposal_event_id
from mneme_extractor.decide.recall import Recalled
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance
from mneme_extractor.decide.valid_time import interval_of

LIVE = "live"
"""The run of everything that is extracted as it is recorded; another run is an extraction asked for anew."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """``dropped`` are the reasons for which findings of a model were not believed, one for each.

    ``recalled`` are the pieces of the message that were not read, since they repeat what is on record.
    """

    extractor: str
    statements: tuple[Statement, ...] = ()
    model: str | None = None
    prompt_hash: str | None = None
    usage: Usage = field(default_factory=Usage)
    dropped: tuple[str, ...] = ()
    recalled: tuple[Recalled, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found, at no cost."""
        return not self.statements and not self.recalled and self.usage == Usage()


def utterance_of(message: MessageRecorded) -> Utterance:
    """The message as something said."""
    return Utterance(message.content, message.role, message.name, message.occurred_at)


def command_id(message: MessageRecorded, schema_version: str) -> UUID:
    """One id for all live extractions of a revision under a schema: whichever is applied first wins (guarantee 2)."""
    return proposal_event_id(message.event_id, schema_version, LIVE)


def command_of(
    message: MessageRecorded, extraction: Extraction, schema_version: str, run: str = LIVE
) -> ProposeMemories:
    """The proposals with their spans; the words of a span are the slice of the content."""
    return ProposeMemories(
        message_id=message.message_id,
        revision=message.revision,
        source_event_id=message.event_id,
        extractor=extraction.extractor,
        model=extraction.model,
        prompt_hash=extraction.prompt_hash,
        schema_version=schema_version,
        run=run,
        usage=extraction.usage,
        recalled=[RecalledSpan(record_id=at.record_id, start=at.start, end=at.end) for at in extraction.recalled],
        proposals=[_proposal(message, statement) for statement in extraction.statements],
    )


def noting_id(messages: Sequence[MessageRecorded], schema_version: str) -> UUID:
    """The id of the note that these revisions were read: the same for the same ones, in whatever order."""
    sources = sorted(message.event_id.bytes for message in messages)
    return UUID(bytes=digest("noted", schema_version, LIVE, *sources)[:16])


def note_of(messages: Sequence[MessageRecorded], extraction: Extraction, schema_version: str) -> NoteExtractions:
    """The note for revisions in which the same extractor found nothing."""
    return NoteExtractions(
        revisions=[
            ReadRevision(message_id=message.message_id, revision=message.revision, source_event_id=message.event_id)
            for message in messages
        ],
        extractor=extraction.extractor,
        model=extraction.model,
        prompt_hash=extraction.prompt_hash,
        schema_version=schema_version,
        run=LIVE,
    )


def request_hash(message: MessageRecorded, schema_version: str) -> str:
    """The hash of what was asked (read this revision under this schema), not of what was found.

    A model may find something else the second time; that is the same request answered again, not a conflict.
    """
    return _hash_of(message.event_id, message.revision, schema_version, LIVE)


def run_request_hash(proposed: ProposeMemories) -> str:
    """The same of a part of any run, however much of what it found is taken over."""
    return _hash_of(proposed.source_event_id, proposed.revision, proposed.schema_version, proposed.run)


def _hash_of(event_id: UUID, revision: int, schema_version: str, run: str) -> str:
    return digest("extract", event_id.bytes, str(revision), schema_version, run).hex()


def _proposal(message: MessageRecorded, statement: Statement) -> Proposal:
    quote = message.content[statement.start : statement.end]
    valid_from, valid_to = interval_of(statement.values.get("when"))
    return Proposal(
        action=statement.action,
        memory_class=statement.memory_class,
        values=statement.values,
        content=statement.content,
        confidence=statement.confidence,
        tags=list(statement.tags),
        observed_at=message.occurred_at,
        valid_from=valid_from,
        valid_to=valid_to,
        rule=statement.rule,
        spans=[Span(start=statement.start, end=statement.end, quote=quote)],
    )
