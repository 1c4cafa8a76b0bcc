"""Memories: what is remembered, explicitly stored or extracted from messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Unpack

from mneme.answers.decisions import Decision
from mneme.answers.memories import History, Memory, MemoryBatch, MemoryPage
from mneme.calls import revisions
from mneme.calls.fields import BATCH_MAX, MemoryFields, Moment, as_json, nothing, segment
from mneme.decoding import decode
from mneme.exchange import Ask, Call, Context, Exchange
from mneme.verbs import Group, R, Verb

_MEMORIES = "/v1/memories"
_PAGE = 100


def store(
    content: str,
    *,
    user_id: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
    **fields: Unpack[MemoryFields],
) -> Call[Memory]:
    """Remembers this, as it is: a new memory, or a new version of the one with the same ``key`` or the same text."""
    return Ask(
        method="POST",
        path=_MEMORIES,
        body=as_json({"content": content, "user_id": user_id, **fields}),
        read=partial(decode, Memory),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def store_many(
    memories: Iterable[Mapping[str, object]],
    *,
    user_id: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[MemoryBatch]:
    """Remembers up to a hundred memories; raises ValueError for more."""
    items = [as_json(memory) for memory in memories]
    if len(items) > BATCH_MAX:
        raise ValueError(f"a batch holds at most {BATCH_MAX} memories")
    return Ask(
        method="POST",
        path=f"{_MEMORIES}/batch",
        body={"memories": items, "user_id": user_id},
        read=_read_batch,
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def _read_batch(body: object) -> MemoryBatch:
    """When all were stored the answer is the bare list of them."""
    return decode(MemoryBatch, {"created": body} if isinstance(body, list) else body)


def get(memory_id: str, *, user_id: str | None = None, as_of: Moment | None = None) -> Call[Memory]:
    """One version of a memory; with ``as_of`` the one that was current then."""
    return Ask(
        method="GET",
        path=f"{_MEMORIES}/{segment(memory_id)}",
        params=as_json({"user_id": user_id, "as_of": as_of}),
        read=partial(decode, Memory),
        owner="query",
    )


def page(
    *,
    user_id: str | None = None,
    memory_type: str | None = None,
    session_id: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    as_of: Moment | None = None,
) -> Call[MemoryPage]:
    """One page of the memories that are active, or were, latest first."""
    return Ask(
        method="GET",
        path=_MEMORIES,
        params=as_json(
            {
                "user_id": user_id,
                "memory_type": memory_type,
                "session_id": session_id,
                "limit": limit,
                "cursor": cursor,
                "as_of": as_of,
            }
        ),
        read=partial(decode, MemoryPage),
        owner="query",
    )


def get_all(
    *,
    user_id: str | None = None,
    memory_type: str | None = None,
    run_id: str | None = None,
    limit: int | None = None,
    as_of: Moment | None = None,
) -> Call[MemoryPage]:
    """Every memory that is active, or was, or the latest ``limit`` of them, however many pages that takes."""

    def exchange(context: Context) -> Exchange[MemoryPage]:
        found: list[Memory] = []
        cursor = None
        while True:
            wanted = _PAGE if limit is None else min(_PAGE, limit - len(found))
            ask = page(
                user_id=user_id, memory_type=memory_type, session_id=run_id, limit=wanted, cursor=cursor, as_of=as_of
            )
            part = yield from ask(context)
            found += part.items
            cursor = part.next_cursor
            if cursor is None or (limit is not None and len(found) >= limit):
                return MemoryPage(items=tuple(found), next_cursor=cursor)

    return exchange


def delete(
    memory_id: str,
    *,
    user_id: str | None = None,
    reason: str | None = None,
    if_version: int | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[None]:
    """Forgets a memory: its history stays readable and ends with a tombstone."""
    return Ask(
        method="DELETE",
        path=f"{_MEMORIES}/{segment(memory_id)}",
        params={"user_id": user_id, "reason": reason},
        read=nothing,
        owner="query",
        writes=True,
        if_version=if_version,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def history(memory_id: str, *, user_id: str | None = None, as_of: Moment | None = None) -> Call[History]:
    """All versions of a memory that there are, or were; any version's id will do."""
    return Ask(
        method="GET",
        path=f"{_MEMORIES}/{segment(memory_id)}/history",
        params=as_json({"user_id": user_id, "as_of": as_of}),
        read=partial(decode, History),
        owner="query",
    )


def decision(memory_id: str, *, user_id: str | None = None) -> Call[Decision]:
    """Why this version of a memory is as it is."""
    return Ask(
        method="GET",
        path=f"{_MEMORIES}/{segment(memory_id)}/decision",
        params={"user_id": user_id},
        read=partial(decode, Decision),
        owner="query",
    )


def undo(
    memory_id: str,
    *,
    version: int | None = None,
    user_id: str | None = None,
    reason: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[Memory]:
    """Goes back to what held before the last decision on a memory, by a new version, which is returned.

    With ``version``, only if that is the last one (ConflictError otherwise).
    """
    return Ask(
        method="POST",
        path=f"{_MEMORIES}/{segment(memory_id)}/undo",
        body=as_json({"version": version, "reason": reason, "user_id": user_id}),
        read=partial(decode, Memory),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )


class Memories(Group[R]):
    """``client.memories``: what is remembered."""

    store = Verb(store)
    store_many = Verb(store_many)
    get = Verb(get)
    list = Verb(page)
    delete = Verb(delete)
    update = Verb(revisions.update)
    correct = Verb(revisions.correct)
    teach = Verb(revisions.teach)
    forget = Verb(revisions.forget)
    history = Verb(history)
    decision = Verb(decision)
    undo = Verb(undo)
