"""How a command ends when it fails: one line that says why, and a status that a script can tell apart."""

from __future__ import annotations

REFUSED = 1
"""The server said no, or what was asked for does not hold."""
USAGE = 2
"""The command was called wrongly."""
UNREACHABLE = 3
"""No server answered, or it cannot work now."""


class CommandFailedError(Exception):
    """Ends a command with ``status`` after showing the text."""

    def __init__(self, message: str, *, status: int = REFUSED, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.hint = hint
