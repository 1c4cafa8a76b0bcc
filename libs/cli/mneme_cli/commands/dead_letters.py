"""`mneme dlq`: what could not be processed, and sending it again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from mneme import Mneme
from mneme.answers.operator import DeadLetter
from mneme_cli.failures import REFUSED, USAGE, CommandFailedError
from mneme_cli.screen import entry, fields, shown, when
from mneme_cli.session import Session

_ASK_SECONDS = 0.25

Stage = Annotated[str | None, typer.Option(help="Only this stage: resolver, extractor, embedder or retention.")]


def list_letters(
    session: Session,
    *,
    stage: Stage = None,
    resolved: Annotated[bool, typer.Option("--all", help="Those that are resolved, too.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500)] = 50,
) -> None:
    """List dead letters, the newest first: where each lay, and why it was buried."""
    with session.client() as client:
        found = client.dead_letters.list(stage=stage, resolved=resolved, limit=limit)
    if session.screen.as_json:
        session.screen.json(found.raw)
        return
    if not found.items:
        session.screen.say("There are no dead letters.")
        return
    for letter in found:
        head = (letter.letter_id, letter.stage, when(letter.buried_at), _state(letter))
        session.screen.say(entry(head, _reason(letter)))
    if found.total > len(found):
        session.screen.note(f"{len(found)} of {found.total}; --limit shows more")


def show_letter(
    session: Session, letter_id: Annotated[str, typer.Argument(help="The id that the list shows.")]
) -> None:
    """Show one dead letter with its original bytes and headers."""
    with session.client() as client:
        letter = client.dead_letters.show(letter_id)
    if session.screen.as_json:
        session.screen.json(letter.raw)
    else:
        hidden = "value_base64" if letter.value_text is not None else "value_text"
        session.screen.say(fields({name: value for name, value in letter.raw.items() if name != hidden}))


def redrive_letters(
    session: Session,
    letter_ids: Annotated[list[str] | None, typer.Argument(help="The ids that the list shows.")] = None,
    *,
    stage: Annotated[str | None, typer.Option(help="All open letters of this stage (500 at a time).")] = None,
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for them to be resolved.")] = 10.0,
) -> None:
    """Send dead letters again, once their cause is fixed. The status is 1 while any is not resolved."""
    if not letter_ids and stage is None:
        raise CommandFailedError("Name letters, or a stage with --stage.", status=USAGE)
    with session.client() as client:
        sent = client.dead_letters.redrive(letter_ids or [], stage=stage).redriven
        open_still = _resolved_within(client, sent, wait) if sent else []
    if session.screen.as_json:
        session.screen.json({"redriven": list(sent), "unresolved": open_still})
    elif not sent:
        session.screen.say("There was nothing to send again.")
    else:
        session.screen.say(f"{len(sent)} sent again, {len(sent) - len(open_still)} resolved")
        for letter_id in open_still:
            session.screen.say(f"  {letter_id} is not resolved yet: mneme dlq show {letter_id}")
    if open_still and wait > 0:
        raise typer.Exit(REFUSED)


def _resolved_within(client: Mneme, letter_ids: Sequence[str], seconds: float) -> list[str]:
    """Those that are not resolved when the time is over."""
    deadline = time.monotonic() + seconds
    left = list(letter_ids)
    while left and time.monotonic() < deadline:
        time.sleep(_ASK_SECONDS)
        left = [letter_id for letter_id in left if client.dead_letters.show(letter_id).resolved_at is None]
    return left


def _state(letter: DeadLetter) -> str:
    if letter.resolved_at is not None:
        return "resolved"
    return "sent again" if letter.redriven_at is not None else "open"


def _reason(letter: DeadLetter) -> str:
    whose = f"{letter.tenant_id}/{letter.user_id}" if letter.user_id else letter.topic
    return shown(f"{letter.reason}: {letter.detail} ({letter.event_type or 'no type'} of {whose})")
