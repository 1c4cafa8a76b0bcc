"""One result of several requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mneme.answers.messages import BatchResult


def merged(results: Sequence[BatchResult]) -> BatchResult:
    """The results as if it had been one batch: indexes count through, the position is the last one."""
    if len(results) == 1:
        return results[0]
    whole = BatchResult()
    for result in results:
        offset = whole.total
        whole = BatchResult(
            created=whole.created + result.created,
            updated=whole.updated + result.updated,
            deleted=whole.deleted + result.deleted,
            errors=whole.errors + tuple(replace(item, index=item.index + offset) for item in result.errors),
            pending=whole.pending + tuple(replace(item, index=item.index + offset) for item in result.pending),
            position=whole.position if result.position is None else result.position,
        )
    return whole
