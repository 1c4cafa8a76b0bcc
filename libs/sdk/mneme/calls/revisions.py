"""Memory in the user's hands: new versions, corrections, teaching, forgetting by id or in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Unpack

from mneme.answers.memories import Corrected, Forgotten, Memory
from mneme.calls.fields import MemoryFields, as_json, segment
from mneme.decoding import decode
from mneme.exchange import Ask, Call


def update(
    memory_id: str,
    content: str | None = None,
    *,
    user_id: str | None = None,
    reason: str | None = None,
    if_version: int | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
    **fields: Unpack[MemoryFields],
) -> Call[Memory]:
    """Adds a version to a memory; any version's id will do, and what is not named stays as it is.

    With ``if_version`` only that version is replaced: raises ConflictError when another one is current by now.
    """
    return Ask(
        method="POST",
        path=f"/v1/memories/{segment(memory_id)}/versions",
        body=as_json({"content": content, "reason": reason, "user_id": user_id, **fields}),
        read=partial(decode, Memory),
        owner="body",
        writes=True,
        if_version=if_version,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def correct(
    new_content: str,
    *,
    memory_id: str | None = None,
    query: str | None = None,
    user_id: str | None = None,
    reason: str | None = None,
    if_version: int | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[Corrected]:
    """Says what is true instead, of the memory named or of the one that best matches the query.

    Raises NotFoundError when there is none, ConflictError when another version than ``if_version`` is current.
    """
    return Ask(
        method="POST",
        path="/v1/correct",
        body={"new_content": new_content, "memory_id": memory_id, "query": query, "reason": reason, "user_id": user_id},
        read=partial(decode, Corrected),
        owner="body",
        writes=True,
        if_version=if_version,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def teach(
    content: str,
    *,
    label: str | None = None,
    user_id: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
    **fields: Unpack[MemoryFields],
) -> Call[Memory]:
    """Remembers what somebody wants remembered; ``label`` is a tag, and the type where it names one."""
    return Ask(
        method="POST",
        path="/v1/teach",
        body=as_json({"content": content, "label": label, "user_id": user_id, **fields}),
        read=partial(decode, Memory),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def forget(
    memory_id: str | None = None,
    *,
    memory_ids: Sequence[str] | None = None,
    query: str | None = None,
    user_id: str | None = None,
    reason: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[Forgotten]:
    """Forgets one memory, several, or the one that best matches the query; their history stays readable."""
    named = None if memory_ids is None else list(memory_ids)
    return Ask(
        method="POST",
        path="/v1/forget",
        body={"memory_id": memory_id, "memory_ids": named, "query": query, "reason": reason, "user_id": user_id},
        read=partial(decode, Forgotten),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )
