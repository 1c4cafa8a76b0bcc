"""Commands on whole conversations."""

from __future__ import annotations

from mneme_common.contracts.commands import ConversationId, EventData, Label, Text


class ClearConversation(EventData):
    """``conversation.clear``: close a conversation's messages and end a class's memories, at once (S1-06)."""

    conversation_id: ConversationId
    memory_class: Label | None = None
    reason: Text | None = None
