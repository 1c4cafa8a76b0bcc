"""The verbs of mem0: a dialogue goes in, and what to remember of it is the server's business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from mneme.answers.dialogue import Added, Observed
from mneme.answers.memories import MemoryBatch
from mneme.answers.messages import BatchResult
from mneme.calls.fields import MessageLike, as_messages
from mneme.calls.memories import store_many
from mneme.calls.messages import record_many
from mneme.decoding import decode
from mneme.errors import PartlyRefusedError, PendingError
from mneme.exchange import Ask, Call, Context, Exchange


def add(
    messages: MessageLike | Iterable[MessageLike],
    *,
    user_id: str | None = None,
    agent_id: str | None = None,
    run_id: str | None = None,
    metadata: Mapping[str, object] | None = None,
    infer: bool = True,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[Added]:
    """Keeps a text, a message, or several; memories are extracted from them in the background.

    ``agent_id`` is the namespace, ``run_id`` the conversation; both and ``metadata`` are for messages that do not say
    otherwise. With ``infer=False`` each text is stored as a memory, as it is. Raises PartlyRefusedError when some
    messages were refused (the others are kept), PendingError when an outcome was not known in time.
    """
    items = as_messages(messages)
    if not infer:
        usual = _given({"namespace": agent_id, "session_id": run_id, "extra_metadata": metadata})
        stored = [{**usual, "content": item.get("content")} for item in items]
        return partial(_stored, store_many(stored, user_id=user_id, idempotency_key=idempotency_key, wait=wait))
    usual = _given({"namespace": agent_id, "conversation_id": run_id, "metadata": metadata})
    named = [{**usual, **item} for item in items]
    return partial(_recorded, record_many(named, user_id=user_id, idempotency_key=idempotency_key, wait=wait))


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _recorded(record: Call[BatchResult], context: Context) -> Exchange[Added]:
    result = yield from record(context)
    _check(result, context)
    return Added(messages=result.created, position=result.position, raw=result.raw)


def _stored(store: Call[MemoryBatch], context: Context) -> Exchange[Added]:
    result = yield from store(context)
    _check(result, context)
    return Added(memories=result.created, raw=result.raw)


def _check(result: BatchResult | MemoryBatch, context: Context) -> None:
    if result.errors:
        raise PartlyRefusedError(result)
    if result.pending and context.options.wait_for_outcome:
        raise PendingError(
            f"{len(result.pending)} of {result.total} items are durable, but not written yet.",
            operation_id=result.pending[0].operation_id,
            operation_url=result.pending[0].operation_url,
        )


def observe(
    messages: MessageLike | Iterable[MessageLike],
    *,
    user_id: str | None = None,
    session_id: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[Observed]:
    """Keeps a dialogue and answers with what was remembered of it."""
    return Ask(
        method="POST",
        path="/v1/observe",
        body={"messages": as_messages(messages), "user_id": user_id, "session_id": session_id},
        read=partial(decode, Observed),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )
