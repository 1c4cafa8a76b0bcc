"""`mneme replay --verify`: is what is stored what the ledger makes of it?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Annotated

import typer

from mneme.answers.operator import Job
from mneme_cli.failures import REFUSED, USAGE, CommandFailedError
from mneme_cli.screen import table
from mneme_cli.session import Session


def replay(
    session: Session,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Fold the ledger into empty tables and compare.")] = False,
    redecide: Annotated[
        bool, typer.Option("--redecide", help="Also say what today's code would decide otherwise.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=1, help="How many seconds to wait for the result.")] = 600.0,
) -> None:
    """Replay the ledger of everybody, of a tenant (--tenant) or one user (--user), and compare it with what is stored.

    Nothing is changed. The status is 1 when anything differs.
    """
    if not verify:
        raise CommandFailedError("Say --verify: nothing else is replayed yet.", status=USAGE)
    waiting = session.screen.notes.status("replaying") if session.screen.is_live else nullcontext()
    with session.client() as client, waiting:
        job = client.replay_verify(tenant_id=session.tenant, user_id=session.user, redecide=redecide, timeout=timeout)
    if session.screen.as_json:
        session.screen.json(job.raw)
    else:
        _show(session, job)
    if job.result is None or not job.result.get("equal"):
        raise typer.Exit(REFUSED)


def _show(session: Session, job: Job) -> None:
    if job.result is None:
        raise CommandFailedError(f"The replay failed: {job.error}")
    result = job.result
    counted = f"{result.get('events')} events of {result.get('users')} users, {result.get('rows')} rows"
    if result.get("equal"):
        session.screen.say(f"equal: {counted}")
    else:
        session.screen.say(f"{result.get('different_rows')} rows differ: {counted}")
        rows = [
            [
                f"{item.get('tenant_id')}/{item.get('user_id')}",
                item.get("table"),
                item.get("id"),
                item.get("difference"),
            ]
            for item in _items(result, "differences")
        ]
        session.screen.say(table("whose", "table", "id", "difference", rows=rows))
    if "decided_otherwise" in result:
        session.screen.say(f"today's code would decide {result['decided_otherwise']} choices otherwise")
        for item in _items(result, "decisions"):
            session.screen.say(f"  event {item.get('event_id')}: {item.get('recorded')}, today {item.get('today')}")


def _items(result: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = result.get(name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
