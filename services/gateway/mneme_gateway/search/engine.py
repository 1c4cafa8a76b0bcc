"""One search from beginning to end: the index brought up to date, two sides asked, candidates ranked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from mneme_common.domain.vectors import EmbeddingModel
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.ranking import Profile
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.decide.ranking_feedback import factor
from mneme_gateway.reading.moments import Moments
from mneme_gateway.search.candidates import Evidence, candidates_among
from mneme_gateway.search.corpus import Corpus, corpus_of
from mneme_gateway.search.documents import Flags
from mneme_gateway.search.evidence import signals, similarities
from mneme_gateway.search.feedback import Feedback
from mneme_gateway.search.filtering import RecordFilter, admitted, in_session
from mneme_gateway.search.index import View
from mneme_gateway.search.pages import IndexPages
from mneme_gateway.search.query import Query
from mneme_gateway.search.query_vector import QueryVector, query_vector
from mneme_gateway.search.ranking import Ranked, rank
from mneme_gateway.search.spans import span
from mneme_gateway.search.trace import Trace
from mneme_gateway.search.users import HotUsers

PATIENCE_SECONDS = 2.0
"""How long a search waits for vectors, of the query and of the records, before it goes on by words."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a search takes place: ``now`` for ages, ``position`` for the state of the records (None: the present)."""

    now: datetime
    position: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, in which state of the records, and how."""

    view: View
    now: datetime
    profile: Profile
    evidence: Evidence
    allowed: Flags
    ranked: Ranked
    trace: Trace

    @property
    def degraded(self) -> list[str]:
        """["vector"] when the answer rests on words alone."""
        return ["vector"] if self.trace.is_away else []


class SearchEngine:
    """Searches one user's records; nothing of another user is ever read."""

    def __init__(
        self,
        users: HotUsers,
        pages: IndexPages,
        records: RecordFilter,
        model: EmbeddingModel,
        clock: Callable[[], datetime],
        feedback: Feedback,
    ) -> None:
        self._users = users
        self._moments = Moments(pages)
        self._records = records
        self._model = model
        self._clock = clock
        self._feedback = feedback

    async def find(self, scope: Scope, query: Query) -> Found:
        """Ranks what the query's filters admit; raises ApiError 422 for a position that is yet to come."""
        moment = await self._moment(scope, query.as_of)
        embedded = asyncio.create_task(query_vector(self._model, query.text, PATIENCE_SECONDS))
        try:
            view = await self._view(scope, moment)
            return await self._ranked(scope, query, moment, view, await embedded)
        finally:
            embedded.cancel()

    async def _ranked(self, scope: Scope, query: Query, moment: Moment, view: View, vector: QueryVector) -> Found:
        trace = Trace(vector, is_away=vector.is_away or view.is_without_vectors)
        corpus = corpus_of(view, query.filters.kinds)
        said = await self._feedback.balances(scope, view, None if moment.position is None else moment.now)
        evidence = self._evidence(view, query, corpus, vector, trace)
        if said is not None:
            evidence = replace(evidence, feedback=factor(said, query.feedback_weight))
        allowed = await self._allowed(view, scope, query, corpus.within, moment)
        ranked = Ranked()
        for tier in _tiers(view, query, allowed):
            if len(ranked.results) < query.top_k:
                candidates = candidates_among(view, evidence, query.profile, tier, query.pool)
                trace.count(candidates)
                with span("fuse_rank"):
                    ranking = rank(view, candidates, evidence, query.profile, moment.now)
                if ranking is not None:
                    ranked.add(ranking, query.top_k)
        ranked.end(query.cut)
        return Found(view, moment.now, query.profile, evidence, allowed, ranked, trace)

    def _evidence(self, view: View, query: Query, corpus: Corpus, vector: QueryVector, trace: Trace) -> Evidence:
        with span("knn_search"):
            compared = similarities(view, vector.vector)
        trace.vector_ms = compared.vector_ms
        with trace.fulltext():
            keyword = view.bm25(query.text, corpus.within, Bm25Parameters())
            found = None
            if query.profile.lists:
                found = signals(view, query.text, corpus, compared.columns, self._users.vocabulary)
        return Evidence(keyword, compared.columns, found, view.conversation.slot, trace.is_away)

    async def _allowed(self, view: View, scope: Scope, query: Query, within: Flags, moment: Moment) -> Flags:
        allowed = admitted(view, query.filters, within, moment.now)
        matching = await self._records.matching(view, scope, query.filters, query.sought)
        return allowed if matching is None else allowed & matching

    async def _view(self, scope: Scope, moment: Moment) -> View:
        if moment.position is None:
            return await self._users.view(scope)
        return await self._users.view_at(scope, moment.position)

    async def _moment(self, scope: Scope, as_of: int | datetime | None) -> Moment:
        """Without ``as_of`` ages are counted from the full minute, so that equal requests get equal answers."""
        if as_of is None:
            return Moment(self._clock().replace(second=0, microsecond=0), None)
        past = await self._moments.past(scope, as_of)
        return Moment(past.now, past.position)


def _tiers(view: View, query: Query, allowed: Flags) -> list[Flags]:
    """What a preferred session holds goes before everything else (S4-07)."""
    if query.preferred_session is None:
        return [allowed]
    own = in_session(view, query.preferred_session)
    return [allowed & own, allowed & ~own]
