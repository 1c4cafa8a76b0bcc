"""The spans of a search (features.md, S1-11); exported where an exporter is configured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from opentelemetry import trace

_TRACER = trace.get_tracer("mneme.gateway")
"""Asks for its provider with the first span, not here."""


@contextmanager
def span(name: Literal["bm25_search", "knn_search", "fuse_rank"]) -> Iterator[None]:
    """A span around one part of a search."""
    with _TRACER.start_as_current_span(name):
        yield
