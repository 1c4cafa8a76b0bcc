"""What can keep the stack from running."""

from __future__ import annotations


class StackError(RuntimeError):
    """The stack cannot start or go on; the text is what the user reads, and says what to do."""
