"""Extraction rows: each revision is read once in a run, whichever extraction of it is applied first."""

from __future__ import annotations

from uuid import UUID

from mneme_common.contracts.commands import NoteExtractions, ProposeMemories, Usage
from mneme_common.domain.metadata import may_be_read
from mneme_common.domain.records import Message
from mneme_resolver.decide.classes import SCHEMA_VERSION
from mneme_resolver.decide.decision import Action, Decision, refuse
from mneme_resolver.decide.effects import Effects, Extraction
from mneme_resolver.decide.state import UserState

_READ_BEFORE = "read_before"
_LIVE = "live"
_NOBODY = "none"


def refusal_of(data: ProposeMemories, state: UserState) -> Decision | None:
    """The refusal of proposals from a revision that has been read before, whatever was found in it then."""
    if (data.source_event_id, data.schema_version, data.run) not in state.read:
        return None
    return refuse(409, "ALREADY_EXTRACTED", "This revision has been read before in this run.")


def decide_noted(data: NoteExtractions, state: UserState) -> Decision:
    """Drops the revisions that have been read before; the others are noted."""
    read_before = [
        revision.source_event_id
        for revision in data.revisions
        if (revision.source_event_id, data.schema_version, data.run) in state.read
    ]
    return Decision(
        actions=[Action(action="drop", basis="source", target=source, rule=_READ_BEFORE) for source in read_before],
        extractor=data.extractor,
        model=data.model,
        prompt_hash=data.prompt_hash,
        schema_version=data.schema_version,
    )


def fold_noted(data: NoteExtractions, decision: Decision) -> Effects:
    """One row for each revision that is not dropped, and nothing else."""
    dropped = {action.target for action in decision.actions}
    rows = {
        revision.source_event_id: _noted(data, revision.source_event_id, revision.message_id, revision.revision)
        for revision in data.revisions
        if revision.source_event_id not in dropped
    }
    outcome = {"status": 200, "noted": len(rows), "dropped": len(data.revisions) - len(rows)}
    return Effects(outcome=dict(outcome), extractions=list(rows.values()))


def extraction_of(data: ProposeMemories) -> Extraction:
    """The row that says the message has been read."""
    return Extraction(
        source_event_id=data.source_event_id,
        schema_version=data.schema_version,
        run=data.run,
        message_id=data.message_id,
        revision=data.revision,
        extractor=data.extractor,
        model=data.model,
        prompt_hash=data.prompt_hash,
        usage=data.usage.model_dump(),
        proposals=len(data.proposals),
        recalled=list(dict.fromkeys(span.record_id for span in data.recalled)),
    )


def unread(message: Message) -> list[Extraction]:
    """The row of a message that nobody may read, so that no stage owes it a reading; none for the others."""
    if may_be_read(message.metadata):
        return []
    return [
        Extraction(
            source_event_id=message.event_id,
            schema_version=SCHEMA_VERSION,
            run=_LIVE,
            message_id=message.message_id,
            revision=message.revision,
            extractor=_NOBODY,
            model=None,
            prompt_hash=None,
            usage=Usage().model_dump(),
            proposals=0,
        )
    ]


def _noted(data: NoteExtractions, source_event_id: UUID, message_id: UUID, revision: int) -> Extraction:
    return Extraction(
        source_event_id=source_event_id,
        schema_version=data.schema_version,
        run=data.run,
        message_id=message_id,
        revision=revision,
        extractor=data.extractor,
        model=data.model,
        prompt_hash=data.prompt_hash,
        usage=Usage().model_dump(),
        proposals=0,
    )
