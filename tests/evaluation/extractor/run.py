"""The rule extractor on judged sentences, or what it finds in a file of LoCoMo's JSON, to be judged.

``python -m tests.evaluation.extractor.run [FILE]``
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mneme_extractor.decide.rule_extraction import extract
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance
from tests.evaluation.extractor.measuring import load_judged, measure

_WHEN = "%I:%M %p on %d %B, %Y"


def main(arguments: list[str]) -> None:
    """Prints the figures with every fault, or each statement of the file with the words that it rests on."""
    if arguments:
        found = list(_statements(Path(arguments[0])))
        for number, (content, statement) in enumerate(found, 1):
            quote = content[statement.start : statement.end]
            sys.stdout.write(f"{number} {statement.rule}: {statement.content} <- {quote!r}\n")
        return
    measured = measure(load_judged())
    sys.stdout.write(
        f"{measured.sentences} sentences, {measured.right} right, {len(measured.wrong)} wrong,"
        f" {len(measured.missing)} missing: precision {measured.precision:.3f}, recall {measured.recall:.3f}\n"
    )
    for fault, cases in (("wrong", measured.wrong), ("missing", measured.missing)):
        for sentence, one in cases:
            sys.stdout.write(f"{fault}: {sentence} => {one}\n")


def _statements(file: Path) -> Iterator[tuple[str, Statement]]:
    for sample in json.loads(file.read_text()):
        conversation = sample["conversation"]
        for name in sorted(key for key in conversation if re.fullmatch(r"session_\d+", key)):
            said_at = datetime.strptime(conversation[f"{name}_date_time"], _WHEN).replace(tzinfo=UTC)
            for turn in conversation[name]:
                for statement in extract(Utterance(turn["text"], "user", turn["speaker"], said_at)):
                    yield turn["text"], statement


if __name__ == "__main__":
    main(sys.argv[1:])
