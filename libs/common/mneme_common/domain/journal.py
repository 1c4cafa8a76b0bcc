"""The journal (features.md, S1-01 to S1-06, C13): one conversation of a user, and the memories drawn from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from mneme_common.domain.vocabulary import Kind

JOURNAL = "journal"
"""The conversation's id, and the class of its memories."""

KEY_MAX = 64
VALUE_MAX = 1_000
MESSAGE_MAX = 1_000  # characters, S1-01
MOST_CHANGES = 3  # of one message, S1-03


class Bucket(StrEnum):
    """The four types of memory (S1-02): who the user is, how they operate, what matters now, patterns noticed."""

    IDENTITY = "identity"
    PRINCIPLES = "principles"
    FOCUS = "focus"
    SIGNALS = "signals"


KIND_OF_BUCKET: Mapping[str, Kind] = {
    Bucket.IDENTITY: Kind.TRAIT,
    Bucket.PRINCIPLES: Kind.RULE,
    Bucket.FOCUS: Kind.GOAL,
    Bucket.SIGNALS: Kind.SIGNAL,
}
_NOT_OF_A_KEY = re.compile(r"[^\w]+")


def journal_key(text: str) -> str:
    """The key in lower_snake_case (S1-03), cut to its greatest length; empty without letters and digits."""
    return _NOT_OF_A_KEY.sub("_", text.strip().lower()).strip("_")[:KEY_MAX].strip("_")


def journal_content(key: str, value: str) -> str:
    """The item as one line of text."""
    return f"{key.replace('_', ' ')}: {value}"
