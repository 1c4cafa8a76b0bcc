"""What the demonstration tells: scenes with messages, and questions for the end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from mneme_cli.demo.story import QUESTIONS, SCENES
from mneme_cli.failures import USAGE, CommandFailedError
from mneme_cli.sources.locomo import LocomoSource, is_locomo
from mneme_cli.sources.turns import Turn

_SESSIONS = 4
_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Dialogue:
    """``scenes`` are told one after the other, with a pause to be read in."""

    title: str
    scenes: Sequence[tuple[str, Sequence[Mapping[str, object]]]]
    questions: Sequence[str]


def own_story() -> Dialogue:
    """Our own: three conversations of Maya with her assistant."""
    now = datetime.now(UTC)
    scenes = [(scene.conversation, list(scene.messages(now))) for scene in SCENES]
    return Dialogue("Three conversations of Maya with her assistant", scenes, QUESTIONS)


def from_locomo(path: Path) -> Dialogue:
    """The first sessions of the first sample of a file, and some of its questions; raises CommandFailedError."""
    try:
        samples = json.loads(path.read_bytes())
    except ValueError as error:
        raise CommandFailedError(f"{path}: not JSON: {error}", status=USAGE) from None
    if not is_locomo(samples):
        raise CommandFailedError(f"{path}: not a file in the LoCoMo format", status=USAGE)
    turns = [item for item in LocomoSource(samples[:1]).turns() if isinstance(item, Turn)]
    sessions = [
        (str(name), [turn.message for turn in of_session])
        for name, of_session in groupby(turns, key=lambda turn: turn.message["conversation_id"])
    ][:_SESSIONS]
    conversation = samples[0]["conversation"]
    speakers = f"{conversation.get('speaker_a')} and {conversation.get('speaker_b')}"
    return Dialogue(
        f"The first {len(sessions)} sessions of {speakers}", sessions, _questions(samples[0], len(sessions))
    )


def _questions(sample: Mapping[str, object], sessions: int) -> list[str]:
    """Questions whose evidence is in the sessions told."""
    asked = sample.get("qa")
    told = tuple(f"D{number}:" for number in range(1, sessions + 1))
    answerable = [
        item
        for item in (asked if isinstance(asked, list) else [])
        if item.get("answer") and item.get("evidence") and all(place.startswith(told) for place in item["evidence"])
    ]
    return [str(item["question"]) for item in answerable[:_QUESTIONS]]
