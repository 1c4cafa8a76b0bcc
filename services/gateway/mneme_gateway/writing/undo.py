"""Writes that go back on decisions."""

from __future__ import annotations

from uuid import UUID

from mneme_common.contracts.commands import UndoMemory, UndoOperation
from mneme_gateway.auth.caller import Scope
from mneme_gateway.writing.commands import command
from mneme_gateway.writing.events import Write


def undo(scope: Scope, memory_id: UUID, version: int | None, reason: str | None) -> Write:
    """The write of going back to what held before the memory's last decision; any version's id names the memory."""
    request = {"memory_id": str(memory_id), "version": version, "reason": reason}
    return Write(scope, "memory.undo", command(UndoMemory, request | {"reason": reason}), request)


def undo_operation(scope: Scope, event_id: UUID, reason: str | None) -> Write:
    """The same for everything that one operation wrote."""
    request = {"event_id": str(event_id), "reason": reason}
    return Write(scope, "operation.undo", command(UndoOperation, request | {"reason": reason}), request)
