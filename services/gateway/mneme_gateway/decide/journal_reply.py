"""What the journal answers: by rule, or by a model that is asked with everything that is known (S1-01, S1-04)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from mneme_common.contracts.chat import ChatMessage
from mneme_common.domain.journal import Bucket, journal_content

BY_RULES = "rules"

_QUESTION = re.compile(
    r"(?:who|what|when|where|why|how|which|whose|do|does|did|am|is|are|was|were|can|could|have|has|(?:tell|remind) me)"
    r"\b",
    re.IGNORECASE,
)
_TITLES = {
    Bucket.IDENTITY: "USER IDENTITY (who the user is):",
    Bucket.PRINCIPLES: "USER PRINCIPLES (how they operate):",
    Bucket.FOCUS: "USER FOCUS (what matters now):",
    Bucket.SIGNALS: "USER SIGNALS (patterns noticed):",
}
_RECORDS = "FROM THE LOG (what was said before, by date):"
_SYSTEM = (
    "You are the companion of somebody who keeps a journal. Answer what they write, briefly and warmly, in their"
    " language. What is known of them stands before their message: use it where it helps, follow their principles, and"
    " never make up anything about them. When they ask for something that is not known, say that you do not know it."
)
_VERBS = {"created": "noted", "updated": "changed", "deleted": "forgotten"}

Known = Sequence[tuple[Bucket, str, str]]
"""Bucket, key and value of each item."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """All that an answer may rest on; ``records`` are lines of a packed context."""

    known: Known = ()
    records: Sequence[str] = ()
    turns: Sequence[Turn] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Noted:
    """A change that a message has made; ``value`` is None when something is forgotten."""

    action: Literal["created", "updated", "deleted"]
    key: str
    value: str | None


def is_question(text: str) -> bool:
    """Whether the writer wants to know something."""
    return text.rstrip().endswith("?") or _QUESTION.match(text.strip()) is not None


def reply_by_rule(text: str, changes: Sequence[Noted], records: Sequence[str], *, memory_enabled: bool) -> str:
    """An answer from memory alone; it says so when nothing is known."""
    if not memory_enabled:
        return "I have kept this in your journal. Memory was off for it: nothing was looked up and nothing learnt."
    if changes:
        return "\n".join(_acknowledged(change) for change in changes)
    if not is_question(text):
        return "I have kept this in your journal. I found nothing in it to add to your memory."
    if not records:
        return "I know nothing about that yet."
    return "\n".join(["This is what I remember:", *(f"- {line}" for line in records)])


def asked_of_model(text: str, background: Background) -> list[ChatMessage]:
    """The conversation, with what is known in blocks before the user's message and not in the system prompt (S1-04)."""
    blocks = [*_blocks(background.known), *_block(_RECORDS, background.records)]
    turns = [ChatMessage(turn.role, turn.content) for turn in background.turns]
    return [ChatMessage("system", _SYSTEM), *turns, ChatMessage("user", "\n\n".join([*blocks, text]))]


def _acknowledged(change: Noted) -> str:
    said = change.key.replace("_", " ") if change.value is None else journal_content(change.key, change.value)
    return f"{_VERBS[change.action].capitalize()}: {said}."


def _blocks(known: Known) -> list[str]:
    return [
        block
        for bucket, title in _TITLES.items()
        for block in _block(title, [f"{key}: {value}" for of, key, value in known if of is bucket])
    ]


def _block(title: str, lines: Sequence[str]) -> list[str]:
    return ["\n".join([title, *(f"- {line}" for line in lines)])] if lines else []
