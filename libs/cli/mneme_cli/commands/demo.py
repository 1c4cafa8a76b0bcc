"""`mneme demo`: a conversation goes through the running system, and everything that became of it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from mneme import Mneme
from mneme.answers.memories import History, Memory
from mneme_cli.demo import showing
from mneme_cli.demo.dialogue import Dialogue, from_locomo, own_story
from mneme_cli.demo.telling import Told, remembered, tell
from mneme_cli.reasons import decisions_of, told
from mneme_cli.session import Session

_SHOWN = 25
_HISTORIES = 4


@dataclass(slots=True)
class Watched:
    """What the demonstration has seen."""

    told: Told = field(default_factory=Told)
    memories: dict[str, Memory] = field(default_factory=dict)
    last: tuple[Memory, ...] = ()


def demo(
    session: Session,
    *,
    locomo: Annotated[
        Path | None, typer.Option(help="Tell the first conversation of this LoCoMo file instead.", exists=True)
    ] = None,
) -> None:
    """Send a conversation through the running system and show what became of it."""
    dialogue = own_story() if locomo is None else from_locomo(locomo)
    user = _user(session)
    with session.client() as plain:
        plain.health()  # nothing is told to a server that is not there
        client = plain.with_options(user_id=user)
        watched = _told(session, client, dialogue, user)
        histories = _changed(client, watched)
        answers = {question: client.search(question, top_k=3) for question in dialogue.questions}
        if session.screen.as_json:
            session.screen.json(
                {
                    "user_id": user,
                    "messages": len(watched.told.seconds),
                    "memories": [memory.raw for memory in watched.last],
                    "histories": [history.raw for history in histories],
                    "answers": {question: found.raw for question, found in answers.items()},
                }
            )
            return
        _show(session, client, watched, histories)
    showing.heading(session.screen, "Questions")
    for question, found in answers.items():
        showing.answers(session.screen, question, found)
    _farewell(session, user, histories)


def _user(session: Session) -> str | None:
    """A new user where everybody may name one; a key has its own."""
    fresh = None if session.has_key else f"demo-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    return session.user or fresh


def _told(session: Session, client: Mneme, dialogue: Dialogue, user: str | None) -> Watched:
    watched = Watched()
    screen = session.screen
    screen.say(f"{dialogue.title}, told as {f'user {user}' if user else 'the user of the key'} to {session.server}")
    for name, messages in dialogue.scenes:
        tell(client, screen, name, messages, watched.told)
        watched.last = remembered(client)
        watched.memories |= {memory.memory_id: memory for memory in watched.last}
    return watched


def _changed(client: Mneme, watched: Watched) -> list[History]:
    """The histories of what was corrected, and of what was forgotten on request."""
    current = {memory.memory_id for memory in watched.last}
    roots = {memory.root_id: memory for memory in watched.memories.values() if memory.memory_id not in current}
    histories = [client.history(memory.memory_id) for memory in roots.values()]
    return sorted(histories, key=lambda history: (history.versions[-1].tombstone, history.root_id))


def _show(session: Session, client: Mneme, watched: Watched, histories: list[History]) -> None:
    screen = session.screen
    conversations = client.messages.conversations()
    counts = ", ".join(f"{one.conversation_id} ({one.message_count})" for one in conversations)
    showing.heading(screen, "What was stored")
    screen.say(f"{len(watched.told.seconds)} messages in {conversations.total} conversations: {counts}")
    screen.say(f"Each was durable and searchable after {median(watched.told.seconds) * 1000:.0f} ms (median).")
    for before, after in watched.told.scrubbed:
        screen.say(f'Personal data is replaced on the way in: "{before}" became "{after}"')
    showing.heading(screen, "What was extracted, and from which words")
    showing.extracted(screen, sorted(watched.last, key=lambda memory: memory.memory_id)[:_SHOWN])
    if histories:
        showing.heading(screen, "What was corrected or forgotten: nothing is overwritten")
    for history in histories[:_HISTORIES]:
        screen.say(told(history, decisions_of(client, history)))


def _farewell(session: Session, user: str | None, histories: list[History]) -> None:
    named = f" --user {user}" if user else ""
    showing.heading(session.screen, "Try it yourself")
    session.screen.say(f'  mneme search "your question"{named}')
    session.screen.say(f"  mneme list{named}")
    if histories:
        session.screen.say(f"  mneme history {histories[0].memory_id}{named}")
    session.screen.say("  mneme status")
