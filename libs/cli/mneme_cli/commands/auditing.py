"""`mneme audit`: who asked for what, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from mneme_cli.screen import table, when
from mneme_cli.session import Session


def audit(
    session: Session,
    *,
    event_type: Annotated[str | None, typer.Option("--type", help="Only these, such as SUBJECT_ERASED.")] = None,
    since: Annotated[str | None, typer.Option(help="From this time on, such as 2026-01-31T12:00:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this time.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where an earlier page ended.")] = None,
) -> None:
    """Show the audit trail, newest first: of --user, or for operators of the whole tenant."""
    with session.client() as client:
        page = client.audit(
            tenant_id=session.tenant,
            user_id=session.user,
            event_type=event_type,
            since=since,
            until=until,
            limit=limit,
            cursor=cursor,
        )
    if session.screen.as_json:
        session.screen.json(page.raw)
        return
    rows = [[when(event.happened_at), event.event_type, event.user_id or "(tenant)", event.actor] for event in page]
    session.screen.say(table("when (UTC)", "what", "of whom", "by", rows=rows))
    if page.next_cursor is not None:
        session.screen.note(f"There is more: --cursor {page.next_cursor}")
