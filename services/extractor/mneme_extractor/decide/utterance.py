"""What was said, and by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_USER = "user"
_SYSTEM = "system"
_A_WORD = re.compile(r"\w")

_SAME_LENGTH = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00a0": " ", "\u2009": " ", "\u202f": " "})


@dataclass(frozen=True, slots=True)
class Utterance:
    """One revision of a message. ``name`` is the speaker's, ``occurred_at`` resolves "yesterday"."""

    content: str
    role: str
    name: str | None
    occurred_at: datetime

    @property
    def subject(self) -> str:
        """Whom statements about the speaker are about: the name, lower-cased, else ``user``."""
        return self.name.strip().lower() if self.name and self.name.strip() else _USER

    @property
    def speaker(self) -> str:
        """How a sentence calls the speaker."""
        return self.name.strip() if self.name and self.name.strip() else "The user"


def speaks_for_itself(utterance: Utterance) -> bool:
    """Whether these are somebody's own words: a user's, or a named participant's.

    What an assistant without a name says is no evidence about anybody (S1-03), and system prompts are nobody's words,
    even where they carry a name (as in few-shot examples).
    """
    if utterance.role == _SYSTEM:
        return False
    return utterance.role == _USER or bool(utterance.name and utterance.name.strip())


def has_words(content: str) -> bool:
    """Whether there is anything but white space and punctuation."""
    return _A_WORD.search(content) is not None


def plain(content: str) -> str:
    """The text with typographic apostrophes and spaces made plain; every offset stays."""
    return content.translate(_SAME_LENGTH)
