"""Search as the routes see it: a query in, records with their scores out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry

from mneme_common.domain.vectors import EmbeddingModel, RecordKind, VectorReading
from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import ApiError
from mneme_gateway.ports import Database, Row
from mneme_gateway.search.accesses import Accesses
from mneme_gateway.search.documents import MEMORY
from mneme_gateway.search.embeddings import StoredVectors
from mneme_gateway.search.engine import PATIENCE_SECONDS, Found, SearchEngine
from mneme_gateway.search.feedback import Feedback
from mneme_gateway.search.filtering import RecordFilter
from mneme_gateway.search.metrics import SearchMetrics
from mneme_gateway.search.pages import IndexPages
from mneme_gateway.search.query import Query
from mneme_gateway.search.ranking import Scored
from mneme_gateway.search.records import RecordRows
from mneme_gateway.search.second_stage import Reranking, SecondStage
from mneme_gateway.search.users import HotUsers
from mneme_gateway.search.vocabulary import WordVectors


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: its row, and why it stands where it does."""

    kind: RecordKind
    scored: Scored
    row: Row

    @property
    def type(self) -> str:
        """Message, or the kind of the memory."""
        return str(self.row["kind"]) if self.kind is RecordKind.MEMORY else self.kind.value


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits from the best on, what they were found in, and by the vectors of which model."""

    query: Query
    found: Found
    hits: list[Hit]
    total_ms: float
    model: str
    reranking: Reranking | None = None

    @property
    def degraded(self) -> list[str]:
        """What was away, so that the answer rests on the rest: vector, rerank."""
        missed = self.reranking is not None and self.reranking.problem is not None
        return [*self.found.degraded, *(["rerank"] if missed else [])]

    @property
    def position(self) -> int:
        """The ledger position that the answer shows."""
        return self.found.view.position


@dataclass(frozen=True, slots=True)
class SearchedIndex:
    """The vectors of one model, and the users who are kept with them. Whatever is compared is of one such index."""

    model: str
    engine: SearchEngine
    users: HotUsers


class Search:
    """Finds records and counts what it does. A search goes on with the index that it began with."""

    def __init__(
        self,
        index: SearchedIndex,
        rows: RecordRows,
        metrics: SearchMetrics,
        tenant_label: Callable[[str], str],
        feedback: Feedback,
        accesses: Accesses | None = None,
        second_stage: SecondStage | None = None,
    ) -> None:
        self.feedback = feedback
        self._second_stage = second_stage
        self._index = index
        self._shadow: SearchedIndex | None = None
        self._rows = rows
        self._metrics = metrics
        metrics.index_bytes.set_function(lambda: self.nbytes)
        metrics.index_users.set_function(lambda: self.hot_users)
        self._tenant_label = tenant_label
        self._accesses = accesses

    def forget(self) -> None:
        """Drops what is kept of users in this process."""
        for index in self._indexes():
            index.users.forget()
        self.feedback.forget()

    @property
    def model(self) -> str:
        """The name of the model whose vectors are compared."""
        return self._index.model

    @property
    def reranks(self) -> bool:
        """Whether there is a second stage to ask for."""
        return self._second_stage is not None

    @property
    def nbytes(self) -> int:
        """Bytes that the indexes of hot users take."""
        return sum(index.users.nbytes for index in self._indexes())

    @property
    def hot_users(self) -> int:
        """How many users' index is kept."""
        return sum(len(index.users.scopes()) for index in self._indexes())

    def serve(self, index: SearchedIndex, shadow: SearchedIndex | None) -> None:
        """From now on every search begins with this index; the shadow is for those who ask for it."""
        self._index, self._shadow = index, shadow

    def _indexes(self) -> list[SearchedIndex]:
        return [self._index, *([self._shadow] if self._shadow else [])]

    def _asked(self, query: Query) -> SearchedIndex:
        if not query.in_shadow:
            return self._index
        if self._shadow is None:
            raise ApiError(409, "NO_SHADOW", "No index is being filled beside the one that serves.")
        return self._shadow

    async def find(self, scope: Scope, query: Query) -> Answer:
        """The records that answer the query; raises ApiError 422 for a position that is yet to come."""
        answer = await self.candidates(scope, query)
        self.retrieved(scope, query, answer.hits)
        return answer

    def retrieved(self, scope: Scope, query: Query, hits: Iterable[Hit]) -> None:
        """Counts the memories among what the caller is given; what is asked of the past does not count (S1-13)."""
        if self._accesses is not None and query.as_of is None and not query.in_shadow:
            self._accesses.note(scope, (hit.row["root_id"] for hit in hits if hit.kind is RecordKind.MEMORY))

    async def candidates(self, scope: Scope, query: Query) -> Answer:
        """The same, when the caller will be given only some of them."""
        started = time.perf_counter()
        index = self._asked(query)
        cached = query.as_of is None and index.users.has(scope)
        found = await index.engine.find(scope, query)
        reranking = None
        if query.rerank and self._second_stage is not None:
            reranking = await self._second_stage.read(scope, query, found)
        results = found.ranked.results
        rows = await self._rows.of(scope, found.view, [scored.place for scored in results])
        hits = [_hit(found, scored, rows[scored.place]) for scored in results if scored.place in rows]
        elapsed = time.perf_counter() - started
        self._count(scope, found, hits, elapsed, cached=cached)
        return Answer(query, found, hits, elapsed * 1000, index.model, reranking)

    def _count(self, scope: Scope, found: Found, hits: Sequence[Hit], elapsed: float, *, cached: bool) -> None:
        metrics = self._metrics
        metrics.searches.labels(self._tenant_label(scope.tenant_id), str(cached).lower()).inc()
        metrics.latency.observe(elapsed)
        metrics.results.observe(len(hits))
        for type_, count in Counter(hit.type for hit in hits).items():
            metrics.hits.labels(type_).inc(count)
        if found.degraded:
            metrics.degraded.inc()


def search_over(  # noqa: PLR0913  (what it is put together from)
    database: Database,
    store: VectorReading,
    model: EmbeddingModel,
    words: WordVectors | None = None,
    *,
    memory_bytes: int,
    clock: Callable[[], datetime],
    registry: CollectorRegistry,
    tenant_label: Callable[[str], str],
    accesses: Accesses | None = None,
    second_stage: SecondStage | None = None,
) -> Search:
    """Search put together over its adapters; ``memory_bytes`` bounds the indexes that are kept.

    Without ``words`` no term is related to another; without ``accesses`` nothing is counted.
    """
    feedback = Feedback(database)
    index = index_over(database, store, model, feedback, words, memory_bytes=memory_bytes, clock=clock)
    metrics = SearchMetrics(registry)
    return Search(index, RecordRows(database), metrics, tenant_label, feedback, accesses, second_stage)


def index_over(
    database: Database,
    store: VectorReading,
    model: EmbeddingModel,
    feedback: Feedback,
    words: WordVectors | None = None,
    *,
    memory_bytes: int,
    clock: Callable[[], datetime],
) -> SearchedIndex:
    """What searches by the vectors of one model."""
    pages = IndexPages(database)
    users = HotUsers(pages, memory_bytes, StoredVectors(store, model.name, PATIENCE_SECONDS), words)
    engine = SearchEngine(users, pages, RecordFilter(database), model, clock, feedback)
    return SearchedIndex(model.name, engine, users)


def _hit(found: Found, scored: Scored, row: Row) -> Hit:
    is_memory = found.view.documents.kind[scored.place] == MEMORY
    return Hit(RecordKind.MEMORY if is_memory else RecordKind.MESSAGE, scored, row)
