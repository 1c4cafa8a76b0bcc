"""Extraction, for operators: token budgets, and messages that are read again."""

from __future__ import annotations

from functools import partial

from mneme.answers.extraction import ExtractionPolicy
from mneme.answers.operator import Job
from mneme.calls.fields import as_json
from mneme.calls.operator import finished
from mneme.decoding import decode
from mneme.exchange import Ask, Call, Context, Exchange
from mneme.verbs import Group, R, Verb

_PATH = "/v1/extraction"


def _policy(*, tenant_id: str | None = None) -> Call[ExtractionPolicy]:
    """The tenant's token budget, what it has spent, and what waits."""
    params = {"tenant_id": tenant_id}
    return Ask(method="GET", path=f"{_PATH}/policy", params=params, read=partial(decode, ExtractionPolicy))


def _rerun(
    run: str,
    *,
    tenant_id: str | None = None,
    user_id: str | None = None,
    extractor: str | None = None,
    model: str | None = None,
    timeout: float = 3_600.0,
) -> Call[Job]:
    """Reads messages again under the name of a run; the finished job compares it with what is known."""
    asked = {"run": run, "tenant_id": tenant_id, "user_id": user_id, "extractor": extractor, "model": model}
    return _job("rerun", asked, timeout)


def _accept(
    run: str, *, tenant_id: str | None = None, user_id: str | None = None, timeout: float = 3_600.0
) -> Call[Job]:
    """Takes over what a run has found."""
    return _job("accept", {"run": run, "tenant_id": tenant_id, "user_id": user_id}, timeout)


def _job(verb: str, asked: dict[str, str | None], timeout: float) -> Call[Job]:
    body = as_json({name: value for name, value in asked.items() if value is not None})

    def exchange(context: Context) -> Exchange[Job]:
        ask = Ask(method="POST", path=f"{_PATH}/{verb}", body=body, read=partial(decode, Job), repeatable=False)
        started = yield from ask(context)
        return (yield from finished(started.job_id, timeout=timeout)(context))

    return exchange


class Extraction(Group[R]):
    """``client.extraction``: budgets and runs."""

    policy = Verb(_policy)
    rerun = Verb(_rerun)
    accept = Verb(_accept)
