"""What is in a file, before any of it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from mneme_cli.sources.turns import Source, Turn, Unreadable


@dataclass(slots=True)
class Survey:
    """Counts, and the places that hold no message. Times are as the file writes them."""

    turns: int = 0
    users: dict[str | None, int] = field(default_factory=dict)
    conversations: set[tuple[str | None, str]] = field(default_factory=set)
    speakers: set[str] = field(default_factory=set)
    first: str = ""
    last: str = ""
    unreadable: list[Unreadable] = field(default_factory=list)


def wanted_turns(source: Source, limit: int | None) -> Iterator[Turn]:
    """The first ``limit`` turns of a source, all without a limit."""
    return islice((item for item in source.turns() if isinstance(item, Turn)), limit)


def survey(source: Source, limit: int | None) -> Survey:
    """What the first ``limit`` turns are, and what stands between them."""
    found = Survey()
    for item in source.turns():
        if found.turns == limit:
            break
        if isinstance(item, Unreadable):
            found.unreadable.append(item)
        else:
            _count(found, item)
    return found


def _count(found: Survey, turn: Turn) -> None:
    message = turn.message
    found.turns += 1
    found.users[turn.user_id] = found.users.get(turn.user_id, 0) + 1
    found.conversations.add((turn.user_id, str(message.get("conversation_id") or message.get("session_id") or "")))
    found.speakers.add(str(message.get("name") or message.get("role")))
    if moment := str(message.get("occurred_at", "")):
        found.first = min(found.first or moment, moment)
        found.last = max(found.last, moment)
