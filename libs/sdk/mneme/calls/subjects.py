"""What a data subject may ask for: to be forgotten, told everything, and spoken of rightly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from mneme.answers.subjects import SubjectExport, SubjectRequest
from mneme.calls.fields import as_json, segment
from mneme.calls.polling import polled
from mneme.decoding import decode
from mneme.exchange import Ask, Call, Context, Exchange

_DSR = "/v1/dsr"


def subject_request(request_id: str) -> Call[SubjectRequest]:
    """An erasure or rectification as it stands, with its receipt once it is done."""
    return Ask(method="GET", path=f"{_DSR}/{segment(request_id)}", read=partial(decode, SubjectRequest))


def erase(user_id: str, *, tenant_id: str | None = None, timeout: float = 120.0) -> Call[SubjectRequest]:
    """Erases everything of a user for good; the finished request has the receipt. Raises PendingError after a while."""
    body = as_json({"tenant_id": tenant_id, "user_id": user_id})

    def exchange(context: Context) -> Exchange[SubjectRequest]:
        ask = Ask(
            method="POST", path=f"{_DSR}/erase", body=body, read=partial(decode, SubjectRequest), repeatable=False
        )
        asked = yield from ask(context)
        late = f"Erasure {asked.id} is not finished"
        return (yield from polled(subject_request(asked.id), context, _is_finished, timeout, late))

    return exchange


def rectify(
    user_id: str,
    *,
    memories: Mapping[str, str] | None = None,
    messages: Mapping[str, str] | None = None,
    reason: str | None = None,
    tenant_id: str | None = None,
    idempotency_key: str | None = None,
    timeout: float = 120.0,
) -> Call[SubjectRequest]:
    """Says what is true instead: by id what memories and messages ought to say, a hundred in all at most.

    The finished request's receipt names each record and what became of it. Raises PendingError after a while.
    """
    body = as_json(
        {
            "tenant_id": tenant_id,
            "user_id": user_id,
            "memories": [{"memory_id": name, "new_content": text} for name, text in (memories or {}).items()],
            "messages": [{"message_id": name, "new_content": text} for name, text in (messages or {}).items()],
            "reason": reason,
        }
    )

    def exchange(context: Context) -> Exchange[SubjectRequest]:
        ask = Ask(
            method="POST",
            path=f"{_DSR}/rectify",
            body=body,
            read=partial(decode, SubjectRequest),
            writes=True,
            idempotency_key=idempotency_key,
        )
        asked = yield from ask(context)
        if asked.is_finished:
            return asked
        late = f"Rectification {asked.id} is not finished"
        return (yield from polled(subject_request(asked.id), context, _is_finished, timeout, late))

    return exchange


def export(user_id: str, *, tenant_id: str | None = None) -> Call[SubjectExport]:
    """Everything that is kept of a user, in all versions and revisions."""
    body = as_json({"tenant_id": tenant_id, "user_id": user_id})
    return Ask(method="POST", path=f"{_DSR}/export", body=body, read=partial(decode, SubjectExport))


def _is_finished(request: SubjectRequest) -> bool:
    return request.is_finished
