"""Search as the routes see it: a query in, records with their scores out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry

from mneme_common.domain.vectors import EmbeddingModel, RecordKind, VectorReading
from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Database, Row
from mneme_gateway.search.accesses import Accesses
from mneme_gateway.search.documents import MEMORY
from mneme_gateway.search.embeddings import StoredVectors
from mneme_gateway.search.engine import PATIENCE_SECONDS, Found, SearchEngine
from mneme_gateway.search.filtering import RecordFilter
from mneme_gateway.search.metrics import SearchMetrics
from mneme_gateway.search.pages import IndexPages
from mneme_gateway.search.query import Query
from mneme_gateway.search.ranking import Scored
from mneme_gateway.search.records import RecordRows
from mneme_gateway.search.users import HotUsers
from mneme_gateway.search.vocabulary import WordVectors


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: its row, and why it stands where it does."""

    kind: RecordKind
    scored: Scored
    row: Row


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits from the best on, and what they were found in."""

    query: Query
    found: Found
    hits: list[Hit]
    total_ms: float

    @property
    def position(self) -> int:
        """The ledger position that the answer shows."""
        return self.found.view.position


class Search:
    """Finds records and counts what it does."""

    def __init__(
        self,
        engine: SearchEngine,
        rows: RecordRows,
        users: HotUsers,
        metrics: SearchMetrics,
        tenant_label: Callable[[str], str],
        accesses: Accesses | None = None,
    ) -> None:
        self._engine = engine
        self._rows = rows
        self._users = users
        self._metrics = metrics
        self._tenant_label = tenant_label
        self._accesses = accesses

    def forget(self) -> None:
        """Drops what is kept of users in this process."""
        self._users.forget()

    async def find(self, scope: Scope, query: Query) -> Answer:
        """The records that answer the query; raises ApiError 422 for a position that is yet to come."""
        answer = await self.candidates(scope, query)
        self.retrieved(scope, query, answer.hits)
        return answer

    def retrieved(self, scope: Scope, query: Query, hits: Iterable[Hit]) -> None:
        """Counts the memories among what the caller is given; what is asked of the past does not count (S1-13)."""
        if self._accesses is not None and query.as_of is None:
            self._accesses.note(scope, (hit.row["root_id"] for hit in hits if hit.kind is RecordKind.MEMORY))

    async def candidates(self, scope: Scope, query: Query) -> Answer:
        """The same, when the caller will be given only some of them."""
        started = time.perf_counter()
        cached = query.as_of is None and self._users.has(scope)
        found = await self._engine.find(scope, query)
        results = found.ranked.results
        rows = await self._rows.of(scope, found.view, [scored.place for scored in results])
        hits = [_hit(found, scored, rows[scored.place]) for scored in results if scored.place in rows]
        elapsed = time.perf_counter() - started
        self._count(scope, found, len(hits), elapsed, cached=cached)
        return Answer(query, found, hits, elapsed * 1000)

    def _count(self, scope: Scope, found: Found, hits: int, elapsed: float, *, cached: bool) -> None:
        metrics = self._metrics
        metrics.searches.labels(self._tenant_label(scope.tenant_id), str(cached).lower()).inc()
        metrics.latency.observe(elapsed)
        metrics.results.observe(hits)
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
) -> Search:
    """Search put together over its adapters; ``memory_bytes`` bounds the indexes that are kept.

    Without ``words`` no term is related to another; without ``accesses`` nothing is counted.
    """
    pages = IndexPages(database)
    users = HotUsers(pages, memory_bytes, StoredVectors(store, model.name, PATIENCE_SECONDS), words)
    metrics = SearchMetrics(registry)
    metrics.index_bytes.set_function(lambda: users.nbytes)
    metrics.index_users.set_function(lambda: len(users.scopes()))
    engine = SearchEngine(users, pages, RecordFilter(database), model, clock)
    return Search(engine, RecordRows(database), users, metrics, tenant_label, accesses)


def _hit(found: Found, scored: Scored, row: Row) -> Hit:
    is_memory = found.view.documents.kind[scored.place] == MEMORY
    return Hit(RecordKind.MEMORY if is_memory else RecordKind.MESSAGE, scored, row)
