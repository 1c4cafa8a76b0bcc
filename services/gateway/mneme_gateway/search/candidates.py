"""Who is a candidate: the best by words and the nearest by meaning, each exact among the documents allowed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from mneme_gateway.decide.ranking import Places, Ties, best
from mneme_gateway.search.documents import Flags, Floats
from mneme_gateway.search.index import View
from mneme_gateway.search.neighbours import Neighbours
from mneme_gateway.search.query import Query

_FEW = 512
"""Up to so many documents are compared by name: cheaper than to look for the nearest of them among all."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Documents of a view by number. ``similarity`` covers the whole view, NaN where none is known."""

    lexical: Places
    nearest: Places
    similarity: Floats

    @property
    def places(self) -> Places:
        """Both sides together, each document once."""
        return np.union1d(self.lexical, self.nearest)


class CandidateSearch:
    """Asks both sides for one query on one view. ``keyword`` is the BM25 score of every document.

    ``begun`` embeds the query, and searches the whole scope too where that is what is asked for.
    """

    def __init__(
        self, view: View, query: Query, keyword: Floats, neighbours: Neighbours, begun: asyncio.Task[None]
    ) -> None:
        self._view = view
        self._query = query
        self._keyword = keyword
        self._neighbours = neighbours
        self._begun = begun
        self._ties = Ties(view.documents.created_at, view.documents.record_high, view.documents.record_low)

    async def among(self, allowed: Flags) -> Candidates:
        """The candidates among the documents ``allowed``."""
        lexical = best(self._keyword, allowed, self._query.pool, self._ties)
        places = np.flatnonzero(allowed)
        if len(places) <= _FEW and not self._query.is_open:
            await self._begun
            await self._neighbours.compare(self._points(places))
        else:
            # Also those that only their words brought in: a missing cosine would count as no similarity at all.
            await asyncio.gather(self._look(allowed), self._neighbours.compare(self._points(lexical)))
        if self._query.profile.embedded_only and not self._neighbours.away:
            lexical = lexical[:0]
        similarity = self._neighbours.similarities(self._view)
        return Candidates(lexical, self._nearest(similarity, allowed), similarity)

    async def _look(self, allowed: Flags) -> None:
        """Looks everywhere first, and among the allowed alone when too few of them came up."""
        await self._begun
        await self._neighbours.look(2 * self._query.pool)
        known = self._nearest(self._neighbours.similarities(self._view), allowed)
        if len(known) < self._query.pool and not self._neighbours.complete:
            records = [self._view.record_id(place) for place in np.flatnonzero(allowed).tolist()]
            await self._neighbours.look_among(records, self._query.pool)

    def _nearest(self, similarity: Floats, allowed: Flags) -> Places:
        # No cosine is below -1: shifted by 2, every known one is above 0, every unknown one is not.
        return best(np.nan_to_num(similarity + 2, nan=0.0), allowed, self._query.pool, self._ties)

    def _points(self, places: Places) -> list[UUID]:
        return [self._view.point_id(place) for place in places.tolist()]
