"""`mneme reextract`: read what was said again, with another model or other rules, and compare before it counts."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from mneme.answers.operator import Job
from mneme_cli.failures import USAGE, CommandFailedError
from mneme_cli.screen import table
from mneme_cli.session import Session

_COUNTS = ("same", "added", "changed", "removed", "kept", "newer")


def reextract(
    session: Session,
    run: Annotated[str, typer.Argument(help="The name of the run; the same name goes on where it stopped.")],
    *,
    extractor: Annotated[str | None, typer.Option(help="rules or openai; the server's own if absent.")] = None,
    model: Annotated[str | None, typer.Option(help="Another model than the server's.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Take over what the run has found.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="How many seconds to wait for the result.")] = 3_600.0,
) -> None:
    """Read the messages of a tenant (--tenant) or one user (--user) again and compare what is found with what is known.

    Nothing is changed before --accept, which is a step of its own: look at the comparison first.
    """
    if accept and (extractor or model):
        raise CommandFailedError(
            "--accept takes over what was found: it needs no extractor and no model.", status=USAGE
        )
    waiting = session.screen.notes.status("reading again") if session.screen.is_live else nullcontext()
    with session.client() as client, waiting:
        tenant, user = session.tenant, session.user
        if accept:
            job = client.extraction.accept(run, tenant_id=tenant, user_id=user, timeout=timeout)
        else:
            job = client.extraction.rerun(
                run, tenant_id=tenant, user_id=user, extractor=extractor, model=model, timeout=timeout
            )
    if session.screen.as_json:
        session.screen.json(job.raw)
    _show(session, job, accepted=accept)


def _show(session: Session, job: Job, *, accepted: bool) -> None:
    result = job.result
    if result is None:
        raise CommandFailedError(f"The run failed: {job.error}")
    if session.screen.as_json:
        return
    verb = "taken over" if accepted else "compared"
    session.screen.say(
        f"run {result.get('run')} {verb}: {result.get('messages')} messages of {result.get('users')} users"
    )
    session.screen.say(table(*_COUNTS, rows=[[result.get(name) for name in _COUNTS]]))
    if result.get("unreadable"):
        session.screen.note(f"{result['unreadable']} messages could not be read.")
