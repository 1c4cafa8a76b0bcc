"""What one search did and how long it took, for those who ask why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from mneme_gateway.search.candidates import Candidates
from mneme_gateway.search.query_vector import QueryVector
from mneme_gateway.search.spans import span


class Trace:
    """Times in milliseconds; the candidates of each side."""

    def __init__(self, vector: QueryVector, *, is_away: bool) -> None:
        """``is_away`` when the query's vector or some of the records' could not be had."""
        self.embedding_ms = vector.embedding_ms
        self.is_away = is_away
        self.vector_ms = 0.0
        self.fulltext_ms = 0.0
        self.fulltext_hits = 0
        self.vector_hits = 0

    @contextmanager
    def fulltext(self) -> Iterator[None]:
        """Counts the block as full-text search."""
        started = time.perf_counter()
        with span("bm25_search"):
            yield
        self.fulltext_ms += (time.perf_counter() - started) * 1000

    def count(self, candidates: Candidates) -> None:
        """Counts the candidates of both sides."""
        self.fulltext_hits += len(candidates.lexical)
        self.vector_hits += len(candidates.nearest)
