"""Messages: record, read, change and delete what was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Unpack
from uuid import uuid4

from mneme.answers.extraction import MessageExtraction
from mneme.answers.messages import BatchResult, ConversationPage, Message, MessagePage
from mneme.calls.batches import merged
from mneme.calls.fields import (
    MessageChanges,
    MessageFields,
    MessageLike,
    Moment,
    as_json,
    as_messages,
    chunks,
    nothing,
    segment,
)
from mneme.calls.polling import polled
from mneme.decoding import decode
from mneme.errors import PendingError, UnavailableError
from mneme.exchange import Ask, Call, Context, Exchange
from mneme.verbs import Group, R, Verb

_MESSAGES = "/v1/messages"


def record(
    content: str,
    *,
    user_id: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
    **fields: Unpack[MessageFields],
) -> Call[Message]:
    """Keeps what was said, by the role "user" if none is named."""
    return Ask(
        method="POST",
        path=_MESSAGES,
        body=as_json({"role": "user", "content": content, "user_id": user_id, **fields}),
        read=partial(decode, Message),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def record_many(
    messages: Iterable[MessageLike],
    *,
    user_id: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[BatchResult]:
    """Keeps messages in their order, a hundred with each request; ``result.errors`` tells which were refused."""
    items = as_messages(messages)

    def exchange(context: Context) -> Exchange[BatchResult]:
        key = idempotency_key or uuid4().hex
        results = []
        for number, chunk in enumerate(chunks(items)):
            ask = _batch(chunk, user_id, key if number == 0 else f"{key}.{number}", wait)
            try:
                results.append((yield from ask(context)))
            except (PendingError, UnavailableError) as error:
                error.idempotency_key = key
                raise
        return merged(results)

    return exchange


def _batch(
    messages: Iterable[Mapping[str, object]], user_id: str | None, key: str, wait: float | None
) -> Call[BatchResult]:
    return Ask(
        method="POST",
        path=f"{_MESSAGES}/batch",
        body={"messages": list(messages), "user_id": user_id},
        read=partial(decode, BatchResult),
        owner="body",
        writes=True,
        idempotency_key=key,
        wait=wait,
    )


def _get(message_id: str, *, user_id: str | None = None, as_of: Moment | None = None) -> Call[Message]:
    """One message as it is now, or was."""
    return Ask(
        method="GET",
        path=f"{_MESSAGES}/{segment(message_id)}",
        params=as_json({"user_id": user_id, "as_of": as_of}),
        read=partial(decode, Message),
        owner="query",
    )


def _extraction(message_id: str, *, user_id: str | None = None) -> Call[MessageExtraction]:
    """What has been extracted from a message so far, and by what."""
    return Ask(
        method="GET",
        path=f"{_MESSAGES}/{segment(message_id)}/extraction",
        params={"user_id": user_id},
        read=partial(decode, MessageExtraction),
        owner="query",
    )


def _learned(message_id: str, *, user_id: str | None = None, timeout: float | None = None) -> Call[MessageExtraction]:
    """What was extracted from a message, once it has been read; iterating gives the memories.

    A user's messages are read in their order, so those before have been read too. Raises PendingError after
    ``timeout`` seconds (the client's default: 30).
    """

    def exchange(context: Context) -> Exchange[MessageExtraction]:
        seconds = context.options.outcome_timeout if timeout is None else timeout
        ask = _extraction(message_id, user_id=user_id)
        return (yield from polled(ask, context, _is_done, seconds, "The message has not been read"))

    return exchange


def _is_done(extraction: MessageExtraction) -> bool:
    return extraction.is_done


def _update(
    message_id: str,
    *,
    user_id: str | None = None,
    if_revision: int | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
    **changes: Unpack[MessageChanges],
) -> Call[Message]:
    """Changes what is named and keeps the rest, as a new revision.

    With ``if_revision`` only that revision is changed: raises ConflictError when another one is current by now.
    """
    body = {
        "content": changes.get("content"),
        "metadata": changes.get("metadata"),
        "importance_override": changes.get("importance"),
        "archived": changes.get("archived"),
        "user_id": user_id,
    }
    return Ask(
        method="PUT",
        path=f"{_MESSAGES}/{segment(message_id)}",
        body=body,
        read=partial(decode, Message),
        owner="body",
        writes=True,
        if_version=if_revision,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def _delete(
    message_id: str,
    *,
    user_id: str | None = None,
    if_revision: int | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[None]:
    """Deletes a message, or only if it is at ``if_revision``; it is neither listed nor found any more."""
    return Ask(
        method="DELETE",
        path=f"{_MESSAGES}/{segment(message_id)}",
        params={"user_id": user_id},
        read=nothing,
        owner="query",
        writes=True,
        if_version=if_revision,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def _conversations(
    *,
    user_id: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
    as_of: Moment | None = None,
) -> Call[ConversationPage]:
    """A page of the user's conversations, as they are or were."""
    return Ask(
        method="GET",
        path="/v1/conversations",
        params=as_json({"user_id": user_id, "page": page, "page_size": page_size, "as_of": as_of}),
        read=partial(decode, ConversationPage),
        owner="query",
    )


def _conversation(
    conversation_id: str,
    *,
    user_id: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    order: str | None = None,
    as_of: Moment | None = None,
) -> Call[MessagePage]:
    """A page of one conversation in the order in which things were said, or backwards with ``order="desc"``."""
    return Ask(
        method="GET",
        path=f"/v1/conversations/{segment(conversation_id)}/messages",
        params=as_json({"user_id": user_id, "limit": limit, "cursor": cursor, "order": order, "as_of": as_of}),
        read=partial(decode, MessagePage),
        owner="query",
    )


class Messages(Group[R]):
    """``client.messages``: what was said, word by word."""

    record = Verb(record)
    record_many = Verb(record_many)
    get = Verb(_get)
    extraction = Verb(_extraction)
    learned = Verb(_learned)
    update = Verb(_update)
    delete = Verb(_delete)
    conversations = Verb(_conversations)
    conversation = Verb(_conversation)
