"""What is left of a message that retention has deleted: that it was there, when, in which conversation; not its words.

The text is replaced alike in the ledger's payloads and in the rows, by one that tells apart what was told apart, so
that a replay of the redacted ledger gives the redacted rows (guarantees 9 and 11).
"""

from __future__ import annotations

from uuid import UUID

from mneme_common.contracts.commands import EventData, RecordMessage, UpdateMessage
from mneme_common.domain.metadata import emptied_metadata


def redacted_content(event_id: UUID) -> str:
    """Stands for the text that this event gave a message; the migrations have the same as ``redacted_content``."""
    return f"[deleted {event_id}]"


def redacted(data: EventData, text_event_id: UUID | None) -> EventData:
    """The command without what it says of the message; ``text_event_id`` gave the revision that it made its text.

    None for a command that made no revision. What the message's writer wanted remembered is a memory of its own, and
    is kept for that one.
    """
    if isinstance(data, RecordMessage) and text_event_id is not None:
        kept = (data.remembered or data.content) if data.remember else None
        content = redacted_content(text_event_id)
        return data.model_copy(
            update={"content": content, "name": None, "metadata": emptied_metadata(data.metadata), "remembered": kept}
        )
    if isinstance(data, UpdateMessage):
        changed = text_event_id is not None
        return data.model_copy(
            update={
                "content": redacted_content(text_event_id) if data.content is not None and text_event_id else None,
                "metadata": emptied_metadata(data.metadata) if data.metadata is not None and changed else None,
            }
        )
    return data
