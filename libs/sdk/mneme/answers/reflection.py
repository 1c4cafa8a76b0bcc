"""What a reflection is answered with."""

from __future__ import annotations

from dataclasses import dataclass

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class Reflected(Answer):
    """How many memories were made or renewed, of how many groups; ``status`` is pending while it goes on."""

    status: str = "done"
    scenes_created: int = 0
    candidates_found: int = 0
    ended: int = 0
