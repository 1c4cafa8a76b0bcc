"""What a search found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class Hit(Answer):
    """A message or a memory, and how well it answers. ``components`` are what the score is made of, each 0 to 1."""

    id: str
    kind: str
    content: str
    score: float
    components: Mapping[str, float] = field(default_factory=dict)
    name: str | None = None
    role: str | None = None
    session_id: str | None = None
    namespace: str | None = None
    type: str | None = None
    memory_type: str | None = None
    tags: tuple[str, ...] = ()
    trust_tier: str | None = None
    importance: float | None = None
    revision: int = 1
    source_message_ids: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    created_at: datetime | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def memory(self) -> str:
        """Another name of ``content``."""
        return self.content


@dataclass(frozen=True, kw_only=True)
class SearchResults(Answer):
    """Hits, best first. ``position`` is the place in the user's ledger up to which everything was searched.

    ``degraded`` names what was away: the answer rests on the rest.
    """

    results: tuple[Hit, ...] = ()
    position: int | None = None
    degraded: tuple[str, ...] | None = None
    explain: Mapping[str, object] | None = None

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)
