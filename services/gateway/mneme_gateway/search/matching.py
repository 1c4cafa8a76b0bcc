"""The one memory that words stand for, to be corrected or forgotten (features.md, S4-18, C3)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mneme_common.domain.vectors import RecordKind
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.ranking_match import MATCH
from mneme_gateway.search.query import Filters, Query
from mneme_gateway.search.service import Search

_POOL = 20


@dataclass(frozen=True, slots=True)
class Match:
    """A version that was found; a write for it expects that it is still the current one."""

    memory_id: UUID
    version: int


async def match_memory(search: Search, scope: Scope, text: str) -> Match | None:
    """The best of the user's active memories for the words, None when none has to do with them."""
    filters = Filters(kinds=frozenset({RecordKind.MEMORY}))
    found = await search.find(scope, Query(text=text, top_k=1, pool=_POOL, profile=MATCH, filters=filters))
    if not found.hits:
        return None
    row = found.hits[0].row
    return Match(row["memory_id"], row["version"])
