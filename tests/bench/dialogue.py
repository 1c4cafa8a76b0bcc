"""What is said and asked in a benchmark: the dialogues of a LoCoMo file, or a short one of ours."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.fixtures.dialogue import DIALOGUE
from tests.fixtures.dialogues import Sample


def turns_and_questions() -> tuple[list[str], list[str]]:
    """Texts of the turns and of the questions; MNEME_LOCOMO names the file."""
    named = os.environ.get("MNEME_LOCOMO")
    samples: list[Sample] = json.loads(Path(named).read_text() if named else json.dumps(DIALOGUE))
    return turns_of(samples), [question["question"] for sample in samples for question in sample["qa"]]


def turns_of(samples: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was said, in the order of the samples."""
    return [
        str(turn["text"])
        for sample in samples
        for name, session in sample["conversation"].items()
        if name.startswith("session_") and isinstance(session, list)
        for turn in session
    ]
