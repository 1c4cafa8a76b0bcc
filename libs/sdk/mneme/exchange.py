"""A request as a value, and the one way from it to an answer: retry, wait for the outcome, read.

Nothing here does I/O. An exchange is a generator that yields what is to be done (send this, pause that long) and is
sent what came of it; the two runners in ``runners.py`` do it, one blocking and one awaiting.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, TypeVar
from uuid import uuid4

import httpx

from mneme.failures import failure, read_json
from mneme.options import Options
from mneme.retry import Reply

T = TypeVar("T")

_ANSWER_MARGIN_SECONDS = 10.0  # an answer may take this much longer than the server was asked to wait
_READ_BACK_SECONDS = 5.0
_POLL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, without host and credential."""

    method: str
    path: str
    params: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0

    def waiting(self, seconds: float) -> Request:
        """The same request, for whose outcome the server waits ``seconds``."""
        headers = {**self.headers, "Prefer": f"wait={seconds:g}"}
        return replace(self, headers=headers, timeout=max(self.timeout, seconds + _ANSWER_MARGIN_SECONDS))

    @property
    def idempotency_key(self) -> str | None:
        """The key that makes sending it twice the same as once; None for what writes nothing."""
        return self.headers.get("Idempotency-Key")


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait this many seconds."""

    seconds: float


Exchange = Generator[Request | Pause, Reply | None, T]


@dataclass(frozen=True, slots=True)
class Context:
    """What an exchange needs to know besides what it asks for."""

    options: Options
    clock: Callable[[], float]
    jitter: Callable[[], float]


Call = Callable[[Context], Exchange[T]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Generic[T]):
    """One request and how its answer is read; calling it starts an exchange.

    ``owner`` says where the client's tenant and user go when the call names none. ``writes`` gives it an
    ``Idempotency-Key`` that retries repeat. ``repeatable`` is False where doing it twice differs from once.
    ``if_version`` is the version of a memory that the write is for. ``also_reads`` are statuses of errors whose body is
    an answer.
    """

    method: str
    path: str
    read: Callable[[object], T]
    params: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    owner: Literal["body", "query"] | None = None
    writes: bool = False
    repeatable: bool = True
    also_reads: tuple[int, ...] = ()
    if_version: int | None = None
    idempotency_key: str | None = None
    wait: float | None = None

    def __call__(self, context: Context) -> Exchange[T]:
        """Sends, again where that helps, until the outcome is known; raises MnemeError."""
        request = self._request(context.options)
        response = yield from _sent(request, context, repeatable=self.repeatable)
        if self.writes and context.options.wait_for_outcome and (operations := _operations(response)):
            known = yield from _settled(operations, request, context)
            if known:
                # The server now answers the same request, with the same key, as if it had waited.
                response = yield from _sent(request.waiting(_READ_BACK_SECONDS), context, repeatable=True)
        refused = response.status_code >= 400 and response.status_code not in self.also_reads
        if refused or (self.writes and _is_pending(response)):
            raise failure(response, request.idempotency_key)
        return self.read(read_json(response))

    def _request(self, options: Options) -> Request:
        owner = {"tenant_id": options.tenant_id, "user_id": options.user_id}
        params = {**(owner if self.owner == "query" else {}), **_given(self.params)}
        body = self.body
        if body is not None:
            body = _given({**(owner if self.owner == "body" else {}), **_given(body)})
        request = Request(self.method, self.path, _given(params), body, timeout=options.timeout)
        if not self.writes:
            return request
        headers = {"Idempotency-Key": self.idempotency_key or uuid4().hex}
        if self.if_version is not None:
            headers["If-Match"] = f'"{self.if_version}"'
        request = replace(request, headers=headers)
        wait = options.wait if self.wait is None else self.wait
        return request if wait is None else request.waiting(wait)


def polling_pause(polls: int) -> float:
    """Seconds between two questions about the same outcome, after ``polls`` of them."""
    return _POLL_SECONDS[min(polls, len(_POLL_SECONDS) - 1)]


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _sent(request: Request, context: Context, *, repeatable: bool) -> Exchange[httpx.Response]:
    """The answer after retries; raises ConnectionFailedError when none came."""
    attempt, paused = 1, 0.0
    while True:
        reply = yield request
        if reply is None:
            raise TypeError("a request is answered with a reply")
        retry = context.options.retry
        pause = retry.pause(reply, attempt=attempt, paused=paused, repeatable=repeatable, jitter=context.jitter())
        if pause is None:
            break
        yield Pause(pause)
        attempt, paused = attempt + 1, paused + pause
    if isinstance(reply, httpx.Response):
        return reply
    raise failure(reply, request.idempotency_key)


def _settled(operations: tuple[str, ...], request: Request, context: Context) -> Exchange[bool]:
    """True when every operation has an outcome, False when the time for it is over."""
    deadline = context.clock() + context.options.outcome_timeout
    polls = 0
    for url in operations:
        ask = Request("GET", url, timeout=request.timeout)
        while _is_pending((yield from _sent(ask, context, repeatable=True))):
            pause = polling_pause(polls)
            if context.clock() + pause > deadline:
                return False
            yield Pause(pause)
            polls += 1
    return True


def _operations(response: httpx.Response) -> tuple[str, ...]:
    """Where to ask for the outcomes that an answer does not know: that of a write, or those of items of a batch."""
    if response.status_code >= 400:
        return ()
    body = read_json(response)
    items = [body, *(body.get("pending") or [])] if isinstance(body, Mapping) else []
    return tuple(str(item["operation_url"]) for item in items if isinstance(item, Mapping) and "operation_url" in item)


def _is_pending(response: httpx.Response) -> bool:
    """True for the answer to a write, or of an operation, whose outcome is not known."""
    if response.status_code not in (200, 202):
        return False
    body = read_json(response)
    return isinstance(body, Mapping) and body.get("status") == "pending"
