"""Stand-ins for what the extractor's stage needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.extraction import Extraction, utterance_of
from mneme_extractor.decide.postponement import Postponement
from mneme_extractor.decide.rule_extraction import extract
from mneme_extractor.decide.standing import RevisionKey, Standing


@dataclass(slots=True)
class ScriptedExtractor:
    """Extracts by the rules; ``trouble`` gives the exception that a content raises, if any. Notes what it reads."""

    trouble: Callable[[str], Exception | None] = lambda _content: None
    read: list[str] = field(default_factory=list)
    subjects: set[Subject] = field(default_factory=set)
    in_hand: int = 0
    most_in_hand: int = 0

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """See Extractor."""
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        for _ in range(3):  # others may come in between
            await asyncio.sleep(0)
        self.in_hand -= 1
        self.read.append(message.content)
        self.subjects.add(subject)
        error = self.trouble(message.content)
        if error is not None:
            raise error
        return Extraction("scripted", extract(utterance_of(message)))


@dataclass(slots=True)
class KnownStandings:
    """Every revision is open but those named; ``away`` is raised instead, once."""

    known: dict[RevisionKey, Standing] = field(default_factory=dict)
    away: Exception | None = None
    schema_versions: set[str] = field(default_factory=set)

    async def standings(self, revisions: Sequence[RevisionKey], schema_version: str) -> Mapping[RevisionKey, Standing]:
        """See Revisions."""
        self.schema_versions.add(schema_version)
        away, self.away = self.away, None
        if away is not None:
            raise away
        return {revision: self.known.get(revision, Standing.OPEN) for revision in revisions}


@dataclass(slots=True)
class Tally:
    """A Meter that keeps what it is told."""

    extractions: list[Extraction] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    waits: list[tuple[str, int]] = field(default_factory=list)

    def extracted(self, extraction: Extraction, seconds: float) -> None:
        """See Meter."""
        assert seconds >= 0
        self.extractions.append(extraction)

    def rejected(self, reason: str) -> None:
        """See Meter."""
        self.reasons.append(reason)

    def postponed(self, reason: str, messages: int) -> None:
        """See Meter."""
        self.waits.append((reason, messages))


@dataclass(slots=True)
class NotedPostponements:
    """Keeps what has to wait."""

    noted: list[Postponement] = field(default_factory=list)

    async def postpone(self, postponements: Sequence[Postponement]) -> None:
        """See Postponements."""
        self.noted += postponements
