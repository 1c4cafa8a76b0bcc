"""Precision and recall of the rule extractor on sentences that were judged by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml

from mneme_extractor.decide.rule_extraction import extract
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance

_SAID = Path(__file__).with_name("said.yaml")
_SAID_AT = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


@dataclass(slots=True)
class Measured:
    """Statements that are right, and those that are not or are missing, each with its sentence."""

    sentences: int = 0
    right: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of what is found that is right."""
        return self.right / max(1, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        """The share of what is to be found that is."""
        return self.right / max(1, self.right + len(self.missing))


def load_judged() -> dict[str, list[str]]:
    """What is to be found in each sentence, as "class: values"."""
    judged = yaml.safe_load(_SAID.read_text())
    return {**judged["found"], **{sentence: [] for sentence in judged["silent"]}}


def measure(judged: dict[str, list[str]]) -> Measured:
    """The rules over all sentences."""
    measured = Measured(len(judged))
    for sentence, expected in judged.items():
        found = [summary(one) for one in extract(Utterance(sentence, "user", None, _SAID_AT))]
        measured.right += sum(one in expected for one in found)
        measured.wrong += [(sentence, one) for one in found if one not in expected]
        measured.missing += [(sentence, one) for one in expected if one not in found]
    return measured


def summary(statement: Statement) -> str:
    """Class and values without the subject, a minus before what is to be forgotten."""
    values = "; ".join(str(value) for name, value in statement.values.items() if name != "subject")
    return f"{'-' if statement.action == 'delete' else ''}{statement.memory_class}: {values}"
