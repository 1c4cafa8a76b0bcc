"""`mneme chat`: a journal that answers, and remembers what it is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from mneme import Mneme, MnemeError, RateLimitedError, UnavailableError, UnprocessableError
from mneme.answers.journal import JournalMemories, Turn
from mneme_cli.screen import shown, table
from mneme_cli.session import Session

_HELP = "/memory shows what is known, /forget KEY forgets it, /clear empties the journal, /quit (or Ctrl-D) ends."
_PROMPT = "> "


def chat(
    session: Session,
    message: Annotated[
        str | None, typer.Argument(help="One message; absent, you are asked for one after another.")
    ] = None,
    *,
    memory: Annotated[bool, typer.Option("--memory/--no-memory", help="Whether to look up and to learn.")] = True,
) -> None:
    """Write to your journal: it answers from what it remembers. Without a message, line by line."""
    with session.client() as client:
        if message is not None:
            _show(session, client.journal.chat(message, memory_enabled=memory))
            return
        if session.screen.is_live:
            session.screen.note(Text(_HELP, "dim"))
        for line in _lines(session):
            if not _carried_out(session, client, line, memory=memory):
                return


def _lines(session: Session) -> Iterator[str]:
    """What is typed, or comes through a pipe; blank lines are passed over."""
    while True:
        if session.screen.is_live and sys.stdin.isatty():
            print(_PROMPT, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def _carried_out(session: Session, client: Mneme, line: str, *, memory: bool) -> bool:
    """False when the conversation is to end. What is refused or not answered now does not end it."""
    word, _, rest = line.partition(" ")
    if word == "/quit":
        return False
    try:
        if word == "/memory":
            _show_memories(session, client.journal.memories())
        elif word == "/forget":
            _forget(session, client, rest.strip())
        elif word == "/clear":
            cleared = client.journal.clear()
            session.screen.json(cleared.raw) if session.screen.as_json else session.screen.say(cleared.message)
        else:
            _show(session, client.journal.chat(line, memory_enabled=memory))
    except (UnprocessableError, RateLimitedError, UnavailableError) as error:
        _report(session, error)
    return True


def _forget(session: Session, client: Mneme, key: str) -> None:
    """All items with that key, or with the type before it: `identity/residence`."""
    bucket, _, name = key.rpartition("/")
    found = [(of, item) for of, item in client.journal.memories() if item.key == name and bucket in ("", of)]
    for of, item in found:
        client.journal.forget(of, item.id)
    told = ", ".join(f"{of}/{item.key}" for of, item in found)
    if session.screen.as_json:
        session.screen.json({"forgotten": [f"{of}/{item.key}" for of, item in found]})
    else:
        session.screen.say(shown(f"Forgotten: {told}." if found else f"Nothing is known under {key}."))


def _show(session: Session, turn: Turn) -> None:
    if session.screen.as_json:
        session.screen.json(turn.raw)
        return
    session.screen.say(Text(shown(turn.response)))
    for change in turn.changes:
        value = "" if change.value is None else f": {change.value}"
        session.screen.note(Text(shown(f"{change.action} {change.bucket}/{change.key}{value}"), "dim"))
    if turn.pending:
        session.screen.note(Text(f"yet to come: {', '.join(turn.pending)}", "dim"))


def _show_memories(session: Session, memories: JournalMemories) -> None:
    if session.screen.as_json:
        session.screen.json(memories.raw)
        return
    session.screen.say(table("type", "key", "value", rows=[[of, item.key, item.value] for of, item in memories]))


def _report(session: Session, error: MnemeError) -> None:
    session.screen.fail(str(error), {"code": error.code})
