"""`mneme add`, `list`, `get`, `history`, `forget`: memories and messages, one by one."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mneme import NotFoundError
from mneme.answers.memories import Memory
from mneme.answers.messages import Message
from mneme_cli.failures import USAGE, CommandFailedError
from mneme_cli.reasons import decisions_of, told
from mneme_cli.screen import day, entry, fields, table, when
from mneme_cli.session import Session

AsOf = Annotated[str | None, typer.Option("--as-of", help="What was known then: a time, or a ledger position.")]
MemoryId = Annotated[str, typer.Argument(help="The id of any version of the memory.")]


def add(
    session: Session,
    text: Annotated[str, typer.Argument(help="What was said; - reads it from stdin.")],
    *,
    role: Annotated[str, typer.Option(help="Who said it: user, assistant or system.")] = "user",
    name: Annotated[str | None, typer.Option(help="The speaker's name.")] = None,
    conversation: Annotated[str | None, typer.Option(help="The conversation it belongs to.")] = None,
    at: Annotated[str | None, typer.Option(help="When it was said, RFC 3339; now if absent.")] = None,
    as_it_is: Annotated[bool, typer.Option("--as-it-is", help="Store it as a memory, extracting nothing.")] = False,
) -> None:
    """Keep a message; what matters of it is extracted in the background."""
    content = sys.stdin.read() if text == "-" else text
    with session.client() as client:
        made: Message | Memory
        if as_it_is:
            made = client.memories.store(content, session_id=conversation, observed_at=at)
        else:
            made = client.messages.record(content, role=role, name=name, conversation_id=conversation, occurred_at=at)
    if session.screen.as_json:
        session.screen.json(made.raw)
    elif isinstance(made, Memory):
        session.screen.say(f"memory {made.memory_id} {made.action or 'stored'} (version {made.version})")
    else:
        session.screen.say(f"message {made.id} recorded")


def list_memories(
    session: Session,
    *,
    memory_type: Annotated[str | None, typer.Option("--type", help="Only this type, for example profile.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 50,
    as_of: AsOf = None,
) -> None:
    """List what is remembered, or was, the latest first."""
    with session.client() as client:
        page = client.get_all(memory_type=memory_type, limit=limit, as_of=as_of)
    if session.screen.as_json:
        session.screen.json({"items": [memory.raw for memory in page], "next_cursor": page.next_cursor})
    elif not page.items:
        session.screen.say("Nothing is remembered yet.")
    else:
        for memory in page:
            head = (memory.memory_id, memory.type, f"version {memory.version}", day(memory.observed_at))
            session.screen.say(entry(head, memory.content))


def get(
    session: Session,
    identifier: Annotated[str, typer.Argument(help="A message's or a memory's id.")],
    *,
    as_of: AsOf = None,
) -> None:
    """Show one memory or message with everything that is known of it, or was."""
    with session.client() as client:
        found: Memory | Message
        try:
            found = client.get(identifier, as_of=as_of)
        except NotFoundError:
            found = client.messages.get(identifier, as_of=as_of)
    if session.screen.as_json:
        session.screen.json(found.raw)
    else:
        session.screen.say(fields(found.raw))


def history(
    session: Session,
    memory_id: MemoryId,
    *,
    why: Annotated[bool, typer.Option("--why", help="Also the words and the decision behind each version.")] = False,
    as_of: AsOf = None,
) -> None:
    """Show every version of a memory: what it was, what changed it and why."""
    with session.client() as client:
        found = client.history(memory_id, as_of=as_of)
        operations = decisions_of(client, found) if why else {}
    if session.screen.as_json:
        known = {version: operation.raw for version, operation in operations.items()}
        session.screen.json({**found.raw, "operations": known} if why else found.raw)
    elif why:
        session.screen.say(told(found, operations))
    else:
        rows = [[item.version, item.op, when(item.created_at), item.status, _text_of(item)] for item in found.versions]
        session.screen.say(table("version", "what", "written (UTC)", "status", "text", rows=rows))


def _text_of(memory: Memory) -> str:
    why = f"  ({memory.reason})" if memory.reason else ""
    return f"{'(forgotten)' if memory.tombstone else memory.content}{why}"


def forget(
    session: Session,
    memory_id: Annotated[str | None, typer.Argument(help="The id of any version of the memory.")] = None,
    *,
    query: Annotated[str | None, typer.Option(help="Words for the memory, instead of its id.")] = None,
    reason: Annotated[str | None, typer.Option(help="Kept in the memory's history.")] = None,
    message: Annotated[bool, typer.Option("--message", help="The id is a message's.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget a memory (or a message): it is not found any more."""
    if (memory_id is None) == (query is None):
        raise CommandFailedError("Name the memory by its id, or with --query.", status=USAGE)
    if not yes and not session.screen.as_json:
        if not sys.stdin.isatty():
            raise CommandFailedError("Say --yes where nobody can be asked.", status=USAGE)
        typer.confirm(f"Forget {memory_id or f'what best matches {query!r}'}?", abort=True)
    forgotten = _forgotten(session, memory_id, query, reason, message=message)
    if session.screen.as_json:
        session.screen.json({"forgotten": forgotten})
    else:
        session.screen.say(f"{forgotten} is forgotten")


def _forgotten(session: Session, memory_id: str | None, query: str | None, reason: str | None, *, message: bool) -> str:
    with session.client() as client:
        if memory_id is None:
            return next(iter(client.memories.forget(query=query, reason=reason))).memory_id
        if message:
            client.messages.delete(memory_id)
        else:
            client.delete(memory_id, reason=reason)
    return memory_id
