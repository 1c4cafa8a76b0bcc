"""Messages a second through the rule extractor, on one core, and what it finds in them.

uv run python -m tests.bench.extractor.bench_rules [--rounds 5] [--show CLASS] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mneme_extractor.decide.rule_extraction import extract
from mneme_extractor.decide.utterance import Utterance
from tests.fixtures.dialogue import DIALOGUE

_REAL = Path(__file__).parents[4] / "shared" / "data" / "locomo-dev.json"
_DATE = "%I:%M %p on %d %B, %Y"
_SHORT = (
    "Hello there, how are you?",
    "I live in Berlin.",
    "Can you help me with this?",
    "I love hiking in the mountains.",
    "Thanks, that was great!",
    "The weather is nice today.",
    "I went to the dentist yesterday.",
    "What time is it?",
    "My sister Anna is a doctor.",
    "Please always answer in German.",
)


def main() -> None:
    """Prints the figures, and writes JSON when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--show", help="print what is found of this class, with its source")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    turns = dialogue_turns()
    short = [Utterance(text, "user", None, datetime(2024, 5, 8, tzinfo=UTC)) for text in _SHORT] * 300
    figures = {
        "dialogue turns": len(turns),
        "dialogue turns a second": fastest(turns, chosen.rounds),
        "short messages a second": fastest(short, chosen.rounds),
    }
    found = [(turn, statement) for turn in turns for statement in extract(turn)]
    figures |= {f"found: {name}": count for name, count in Counter(s.memory_class for _, s in found).most_common()}
    for name, value in figures.items():
        sys.stdout.write(f"{name:<28}{value:>10}\n")
    for turn, statement in found:
        if statement.memory_class == chosen.show:
            quote = turn.content[statement.start : statement.end]
            sys.stdout.write(f"[{statement.rule}] {statement.content}  <{quote}>\n")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2))


def dialogue_turns() -> list[Utterance]:
    """Real dialogue turns, our own ones where those are not there."""
    conversations: list[Any] = json.loads(_REAL.read_text()) if _REAL.exists() else DIALOGUE
    return [
        Utterance(turn["text"], "user", turn["speaker"], _moment(item["conversation"][f"{session}_date_time"]))
        for item in conversations
        for session, part in item["conversation"].items()
        if isinstance(part, list)
        for turn in part
    ]


def fastest(utterances: list[Utterance], rounds: int) -> int:
    """Messages a second of processor time, in the best of the rounds."""
    best = 0.0
    for _ in range(rounds):
        started = time.process_time()
        for utterance in utterances:
            extract(utterance)
        best = max(best, len(utterances) / (time.process_time() - started))
    return round(best)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _DATE).replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
