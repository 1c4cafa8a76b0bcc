"""Every type of command and turn, by its name on the log."""

from __future__ import annotations

from mneme_common.contracts import commands, conversation_commands, record_commands
from mneme_common.contracts.commands import EventData

COMMAND_TYPES: dict[str, type[EventData]] = {
    "message.record": commands.RecordMessage,
    "message.update": commands.UpdateMessage,
    "message.delete": commands.DeleteMessage,
    "memory.store": commands.StoreMemory,
    "memory.revise": commands.ReviseMemory,
    "memory.delete": commands.DeleteMemory,
    "memory.undo": commands.UndoMemory,
    "operation.undo": commands.UndoOperation,
    "memories.proposed": commands.ProposeMemories,
    "extractions.noted": commands.NoteExtractions,
    "retention.apply": commands.ApplyRetention,
    "record.store": record_commands.StoreRecord,
    "schema.apply": record_commands.ApplySchema,
    "conversation.clear": conversation_commands.ClearConversation,
}
TURN_TYPES: dict[str, type[EventData]] = {"turn": commands.Turn}
