"""What operators do: look at the pipeline and its dead letters, ask for replays and retention runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from mneme.answers.operator import AuditPage, DeadLetter, DeadLetters, Job, Redriven, RetentionRun, Status
from mneme.calls.fields import as_json, segment
from mneme.calls.polling import polled
from mneme.decoding import decode
from mneme.exchange import Ask, Call, Context, Exchange
from mneme.verbs import Group, R, Verb

_ADMIN = "/v1/admin"


def status() -> Call[Status]:
    """Every stage with lag, rate and dead letters; what is unfinished, and how old the oldest of it is."""
    return Ask(method="GET", path=f"{_ADMIN}/status", read=partial(decode, Status))


def audit(
    *,
    tenant_id: str | None = None,
    user_id: str | None = None,
    event_type: str | None = None,
    since: datetime | str | None = None,
    until: datetime | str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[AuditPage]:
    """A page of the audit trail, newest first: of a tenant for operators, with a user's key of that user."""
    params = as_json(
        {
            "tenant_id": tenant_id,
            "user_id": user_id,
            "event_type": event_type,
            "since": since,
            "until": until,
            "limit": limit,
            "cursor": cursor,
        }
    )
    return Ask(method="GET", path="/v1/audit", params=params, read=partial(decode, AuditPage))


def _letters(
    *, stage: str | None = None, resolved: bool = False, limit: int | None = None, cursor: str | None = None
) -> Call[DeadLetters]:
    """A page of the open dead letters, the newest first; with ``resolved`` of all."""
    params = {"stage": stage, "state": "all" if resolved else None, "limit": limit, "cursor": cursor}
    return Ask(method="GET", path=f"{_ADMIN}/dead-letters", params=params, read=partial(decode, DeadLetters))


def _letter(letter_id: str) -> Call[DeadLetter]:
    """One dead letter with its original bytes and headers."""
    return Ask(method="GET", path=f"{_ADMIN}/dead-letters/{segment(letter_id)}", read=partial(decode, DeadLetter))


def _redrive(letter_ids: Sequence[str] = (), *, stage: str | None = None) -> Call[Redriven]:
    """Sends records again once their cause is fixed: those named, or the open ones of a stage (500 at a time)."""
    body = as_json({"letter_ids": list(letter_ids), "stage": stage})
    return Ask(method="POST", path=f"{_ADMIN}/dead-letters/redrive", body=body, read=partial(decode, Redriven))


def _job(job_id: str) -> Call[Job]:
    """A job as it stands."""
    return Ask(method="GET", path=f"{_ADMIN}/jobs/{segment(job_id)}", read=partial(decode, Job))


def finished(job_id: str, *, timeout: float = 600.0) -> Call[Job]:
    """A job once it is done or failed; raises PendingError after ``timeout`` seconds."""

    def exchange(context: Context) -> Exchange[Job]:
        return (yield from polled(_job(job_id), context, _is_finished, timeout, f"Job {job_id} is not finished"))

    return exchange


def replay_verify(
    *, tenant_id: str | None = None, user_id: str | None = None, redecide: bool = False, timeout: float = 600.0
) -> Call[Job]:
    """Folds the ledger into empty tables and compares; the finished job's result says whether all is equal."""
    body = as_json({"tenant_id": tenant_id, "user_id": user_id, "redecide": redecide, "verify": True})

    def exchange(context: Context) -> Exchange[Job]:
        ask = Ask(method="POST", path=f"{_ADMIN}/replay", body=body, read=partial(decode, Job), repeatable=False)
        asked = yield from ask(context)
        return (yield from finished(asked.job_id, timeout=timeout)(context))

    return exchange


def rewrap_keys(*, timeout: float = 600.0) -> Call[Job]:
    """Wraps the keys of all data subjects by the present master key; the finished job's result has the counts."""

    def exchange(context: Context) -> Exchange[Job]:
        ask = Ask(method="POST", path=f"{_ADMIN}/keys/rewrap", read=partial(decode, Job), repeatable=False)
        asked = yield from ask(context)
        return (yield from finished(asked.job_id, timeout=timeout)(context))

    return exchange


def run_retention(
    *,
    tenant_id: str | None = None,
    actions: Sequence[str] = ("archive", "delete"),
    dry_run: bool = False,
    timeout: float = 600.0,
) -> Call[RetentionRun | Job]:
    """Applies the tenant's retention policy; a dry run only counts. A run that takes long is answered as its job."""
    body = as_json({"tenant_id": tenant_id, "actions": list(actions), "dry_run": dry_run})

    def exchange(context: Context) -> Exchange[RetentionRun | Job]:
        path = f"{_ADMIN}/retention/run"
        ask = Ask(method="POST", path=path, body=body, read=_run_or_job, repeatable=False)
        answer = yield from ask(context)
        if isinstance(answer, RetentionRun):
            return answer
        return (yield from finished(answer.job_id, timeout=timeout)(context))

    return exchange


def _run_or_job(body: object) -> RetentionRun | Job:
    return decode(Job, body) if isinstance(body, dict) and "job_id" in body else decode(RetentionRun, body)


def _is_finished(job: Job) -> bool:
    return job.is_finished


class DeadLetterVerbs(Group[R]):
    """``client.dead_letters``: what could not be processed."""

    list = Verb(_letters)
    show = Verb(_letter)
    redrive = Verb(_redrive)


class Jobs(Group[R]):
    """``client.jobs``: work that was asked for."""

    get = Verb(_job)
    wait = Verb(finished)
