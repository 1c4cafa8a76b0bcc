"""The second stage: a model reads the candidates, all of them, and may put them in another order (decision 32)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

import structlog

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.reranking import Reranker
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.ranking import SCORE_DECIMALS
from mneme_gateway.decide.second_stage import BEYOND, Standing, admitted, reordered
from mneme_gateway.ports import Row
from mneme_gateway.search.engine import Found
from mneme_gateway.search.query import Query
from mneme_gateway.search.ranking import Ranked, Scored
from mneme_gateway.search.records import RecordRows

_TROUBLE = (DependencyError, PermanentError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Reranking:
    """What the second stage did; ``problem`` is why the order is that of the first stage."""

    model: str
    candidates: int
    milliseconds: float
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class SecondStage:
    """Bounded in time: what is not there by then changes nothing."""

    reranker: Reranker
    rows: RecordRows
    seconds: float

    async def read(self, scope: Scope, query: Query, found: Found) -> Reranking:
        """Puts what was found in another order, or says why not."""
        began = time.perf_counter()
        candidates = _candidates(found.ranked)
        standings = [Standing(scored.score, reason) for scored, reason in candidates]
        places = admitted(standings, query.min_score)
        problem = None
        if places:
            try:
                async with asyncio.timeout(self.seconds):
                    await self._reorder(scope, query, found, candidates, places)
            except _TROUBLE as error:
                problem = str(error) or f"no answer within {self.seconds:g} s"
                structlog.get_logger("mneme.gateway").warning("search without its second stage", reason=problem)
        elapsed = (time.perf_counter() - began) * 1000
        return Reranking(self.reranker.name, len(places), elapsed, problem)

    async def _reorder(
        self,
        scope: Scope,
        query: Query,
        found: Found,
        candidates: list[tuple[Scored, str | None]],
        places: list[int],
    ) -> None:
        rows = await self.rows.of(scope, found.view, [candidates[place][0].place for place in places])
        places = [place for place in places if candidates[place][0].place in rows]
        texts = [_text(rows[candidates[place][0].place]) for place in places]
        scores = await self.reranker.scores(scope.tenant_id, query.text, texts)
        known = dict(zip(places, scores, strict=True))
        order = reordered(places, list(scores))
        scored = {place: _scored(candidates[place][0], score) for place, score in known.items()}
        behind = [(scored[place], BEYOND) for place in order[query.top_k :]]
        others = [(first, reason) for place, (first, reason) in enumerate(candidates) if place not in known and reason]
        found.ranked.put([scored[place] for place in order[: query.top_k]], behind + others)


def _candidates(ranked: Ranked) -> list[tuple[Scored, str | None]]:
    return [*((scored, None) for scored in ranked.results), *ranked.dropped]


def _scored(scored: Scored, score: float) -> Scored:
    """The score of the second stage in front, that of the first among the components."""
    shown = {"first_stage": scored.score, "rerank": round(score, SCORE_DECIMALS)}
    return replace(scored, score=shown["rerank"], added=shown)


def _text(row: Row) -> str:
    name = row.get("name")
    return f"{name}: {row['content']}" if name else str(row["content"])
