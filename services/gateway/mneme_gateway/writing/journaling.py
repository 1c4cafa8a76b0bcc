"""Writes of the journal: messages of one conversation, and the items drawn from it."""

from __future__ import annotations

from uuid import UUID

from mneme_common.contracts.commands import DeleteMemory, RecordMessage, ReviseMemory
from mneme_common.contracts.conversation_commands import ClearConversation
from mneme_common.domain.journal import JOURNAL, Bucket, journal_content, journal_key
from mneme_common.domain.vocabulary import INITIAL_CONFIDENCE, Role, TrustTier
from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import invalid_field
from mneme_gateway.schemas.journal import JournalItemIn
from mneme_gateway.writing.commands import command
from mneme_gateway.writing.events import Write

_EDITED = "edited in the journal"
_CLEARED = "the journal was cleared"


def said(scope: Scope, text: str, *, memory_enabled: bool) -> Write:
    """The write of what the user says."""
    fields = {
        "conversation_id": JOURNAL,
        "role": Role.USER,
        "content": text,
        "metadata": {} if memory_enabled else {"memory_enabled": False},
    }
    request = {"message": text, "memory_enabled": memory_enabled}
    return Write(scope, "message.record", command(RecordMessage, fields), request)


def answered(scope: Scope, message_id: UUID, text: str) -> Write:
    """The write of an answer; a second one to the same message is the same request, whatever it says."""
    fields = {"conversation_id": JOURNAL, "role": Role.ASSISTANT, "content": text}
    return Write(scope, "message.record", command(RecordMessage, fields), {"answers": str(message_id)})


def edited(scope: Scope, bucket: Bucket, memory_id: UUID, item: JournalItemIn) -> Write:
    """The write of a new version that the user has worded; raises ApiError 422 for a key of punctuation alone."""
    key = journal_key(item.key)
    if not key:
        raise invalid_field("key", "must have a letter or a digit")
    fields = {
        "memory_id": memory_id,
        "content": journal_content(key, item.value),
        "values": {"bucket": bucket.value, "key": key, "value": item.value},
        "trust_tier": TrustTier.T1,
        "initial_confidence": INITIAL_CONFIDENCE[TrustTier.T1],
        "source": JOURNAL,
        "reason": _EDITED,
    }
    request = {"memory_id": str(memory_id), "type": bucket.value, "key": item.key, "value": item.value}
    return Write(scope, "memory.revise", command(ReviseMemory, fields), request)


def forgotten(scope: Scope, memory_id: UUID) -> Write:
    """The write of a tombstone."""
    data = command(DeleteMemory, {"memory_id": memory_id, "op": "forget", "reason": _EDITED})
    return Write(scope, "memory.delete", data, {"memory_id": str(memory_id)})


def cleared(scope: Scope) -> Write:
    """The write that clears messages and memories of the journal in one transaction (S1-06)."""
    fields = {"conversation_id": JOURNAL, "memory_class": JOURNAL, "reason": _CLEARED}
    return Write(scope, "conversation.clear", command(ClearConversation, fields), {"clear": JOURNAL})
