"""`mneme teach` and `mneme correct`: memory in the user's hands."""

from __future__ import annotations

from typing import Annotated

import typer

from mneme_cli.failures import USAGE, CommandFailedError
from mneme_cli.session import Session


def teach(
    session: Session,
    content: Annotated[str, typer.Argument(help="What is to be remembered.")],
    *,
    label: Annotated[str | None, typer.Option(help="A tag; rule, goal, trait and their like are the type too.")] = None,
    key: Annotated[str | None, typer.Option(help="A name of yours: the same key is the same memory.")] = None,
    pinned: Annotated[bool, typer.Option("--pinned", help="It never expires and never fades.")] = False,
) -> None:
    """Have something remembered, as it is."""
    with session.client() as client:
        made = client.teach(content, label=label, key=key, pinned=pinned)
    if session.screen.as_json:
        session.screen.json(made.raw)
    else:
        session.screen.say(f"memory {made.memory_id} {made.action or 'stored'} (version {made.version})")


def correct(
    session: Session,
    new_content: Annotated[str, typer.Argument(help="What is true instead.")],
    *,
    memory_id: Annotated[str | None, typer.Option("--id", help="The id of any version of the memory.")] = None,
    query: Annotated[str | None, typer.Option(help="Words for the memory, instead of its id.")] = None,
    reason: Annotated[str | None, typer.Option(help="Kept in the memory's history.")] = None,
) -> None:
    """Correct a memory, named by its id or in words; the old version stays in its history."""
    if (memory_id is None) == (query is None):
        raise CommandFailedError("Name the memory with --id, or with --query.", status=USAGE)
    with session.client() as client:
        made = client.correct(new_content, memory_id=memory_id, query=query, reason=reason)
    if session.screen.as_json:
        session.screen.json(made.raw)
    else:
        session.screen.say(f"memory {made.memory_id} replaces {made.replaced_id or 'nothing'} (version {made.version})")
