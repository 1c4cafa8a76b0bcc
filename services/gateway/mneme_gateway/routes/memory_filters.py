"""The filters of a list of memories, as its query names them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from mneme_common.contracts.commands import Label, Unit
from mneme_common.domain.vocabulary import Kind, MemoryType, TrustTier
from mneme_gateway.reading.memories import MemoryFilter
from mneme_gateway.schemas.parts import UtcTime

Wanted = Annotated[Label | None, Query()]


async def memory_filter(  # noqa: PLR0913  (one parameter for each filter of S4-01)
    *,
    memory_type: MemoryType | None = None,
    type: Kind | None = None,  # noqa: A002  (the name that the interface gives it)
    session_id: Wanted = None,
    subject_id: Wanted = None,
    author_id: Wanted = None,
    trust_tier: TrustTier | None = None,
    namespace: Wanted = None,
    source: Wanted = None,
    key: Wanted = None,
    pinned: bool | None = None,
    memory_class: Wanted = None,
    importance_min: Annotated[Unit | None, Query()] = None,
    valid_at: Annotated[UtcTime | None, Query(description="True at that time, as far as is known.")] = None,
    tags: Annotated[list[Label] | None, Query(max_length=50, description="A memory must have all of them.")] = None,
) -> MemoryFilter:
    """What the listed memories must be."""
    return MemoryFilter(
        memory_type=memory_type,
        kind=type,
        session_id=session_id,
        subject_id=subject_id,
        author_id=author_id,
        trust_tier=trust_tier,
        namespace=namespace,
        source=source,
        key=key,
        pinned=pinned,
        memory_class=memory_class,
        importance_min=importance_min,
        valid_at=valid_at,
        tags=tags or [],
    )


MemoryFilterDep = Annotated[MemoryFilter, Depends(memory_filter)]
