"""Operations: writes whose outcome was not known when they were answered."""

from __future__ import annotations

from functools import partial

from mneme.answers.decisions import UndoneOperation
from mneme.answers.operations import Operation
from mneme.calls.fields import as_json, segment
from mneme.calls.polling import polled
from mneme.decoding import decode
from mneme.errors import PendingError
from mneme.exchange import Ask, Call, Context, Exchange
from mneme.verbs import Group, R, Verb


def _get(operation_id: str, *, user_id: str | None = None) -> Call[Operation]:
    """A write as it is known now: pending, or its outcome and the decision behind it."""
    return Ask(
        method="GET",
        path=f"/v1/operations/{segment(operation_id)}",
        params={"user_id": user_id},
        read=partial(decode, Operation),
        owner="query",
    )


def _wait(operation_id: str, *, user_id: str | None = None, timeout: float | None = None) -> Call[Operation]:
    """The write once its outcome is known; raises PendingError after ``timeout`` seconds (the client's default: 30)."""

    def exchange(context: Context) -> Exchange[Operation]:
        seconds = context.options.outcome_timeout if timeout is None else timeout
        ask = _get(operation_id, user_id=user_id)
        try:
            return (yield from polled(ask, context, _is_known, seconds, "There is no outcome"))
        except PendingError as error:
            raise PendingError(error.message, operation_id=operation_id) from None

    return exchange


def _is_known(operation: Operation) -> bool:
    return not operation.is_pending


def _undo(
    operation_id: str,
    *,
    user_id: str | None = None,
    reason: str | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
) -> Call[UndoneOperation]:
    """Goes back on everything that a write did to memories, or on nothing of it if one has changed since."""
    return Ask(
        method="POST",
        path=f"/v1/operations/{segment(operation_id)}/undo",
        body=as_json({"reason": reason, "user_id": user_id}),
        read=partial(decode, UndoneOperation),
        owner="body",
        writes=True,
        idempotency_key=idempotency_key,
        wait=wait,
    )


class Operations(Group[R]):
    """``client.operations``: what became of writes, and why."""

    get = Verb(_get)
    wait = Verb(_wait)
    undo = Verb(_undo)
