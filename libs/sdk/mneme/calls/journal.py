"""The journaling bot: a chat whose memory its user can see and edit."""

from __future__ import annotations

from functools import partial

from mneme.answers.journal import Cleared, JournalItem, JournalMemories, JournalMessages, Turn
from mneme.calls.fields import nothing, segment
from mneme.decoding import decode
from mneme.exchange import Ask, Call
from mneme.verbs import Group, R, Verb

_CHAT_WAIT_SECONDS = 15.0


def _chat(
    message: str,
    *,
    memory_enabled: bool = True,
    user_id: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = _CHAT_WAIT_SECONDS,
) -> Call[Turn]:
    """Writes to the journal; the answer says what has changed in memory.

    Raises UnavailableError or RateLimitedError when there is no answer now: the message is kept then, and the same
    call with the same ``idempotency_key`` asks for the answer again.
    """
    return Ask(
        method="POST",
        path="/chat",
        body={"message": message, "memory_enabled": memory_enabled, "user_id": user_id},
        read=partial(decode, Turn),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def _memories(*, user_id: str | None = None) -> Call[JournalMemories]:
    """What the journal's memory holds, by type."""
    read = partial(decode, JournalMemories)
    return Ask(method="GET", path="/memories", params={"user_id": user_id}, read=read, owner="query")


def _edit(
    bucket: str, item_id: str, *, key: str, value: str, user_id: str | None = None, idempotency_key: str | None = None
) -> Call[JournalItem]:
    """Words an item anew, as a version of it."""
    return Ask(
        method="PUT",
        path=f"/memories/{segment(bucket)}/{segment(item_id)}",
        body={"key": key, "value": value, "user_id": user_id},
        read=partial(decode, JournalItem),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
    )


def _forget(bucket: str, item_id: str, *, user_id: str | None = None, idempotency_key: str | None = None) -> Call[None]:
    """Forgets an item; its history stays."""
    return Ask(
        method="DELETE",
        path=f"/memories/{segment(bucket)}/{segment(item_id)}",
        params={"user_id": user_id},
        read=nothing,
        owner="query",
        writes=True,
        idempotency_key=idempotency_key,
    )


def _messages(
    *, limit: int | None = None, cursor: str | None = None, user_id: str | None = None
) -> Call[JournalMessages]:
    """What was written and answered: the latest, the oldest of them first."""
    params = {"limit": limit, "cursor": cursor, "user_id": user_id}
    return Ask(method="GET", path="/messages", params=params, read=partial(decode, JournalMessages), owner="query")


def _clear(*, user_id: str | None = None, idempotency_key: str | None = None) -> Call[Cleared]:
    """Clears the journal: its messages and its memories, all at once or nothing."""
    return Ask(
        method="DELETE",
        path="/clear",
        params={"user_id": user_id},
        read=partial(decode, Cleared),
        owner="query",
        writes=True,
        idempotency_key=idempotency_key,
    )


class Journal(Group[R]):
    """``client.journal``: the journaling bot."""

    chat = Verb(_chat)
    memories = Verb(_memories)
    edit = Verb(_edit)
    forget = Verb(_forget)
    messages = Verb(_messages)
    clear = Verb(_clear)
