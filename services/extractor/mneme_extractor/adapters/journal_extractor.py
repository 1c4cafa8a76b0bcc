"""The journal's messages, read for its four buckets; all others as ever (C13)."""

from __future__ import annotations

from dataclasses import dataclass

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.journal import JOURNAL
from mneme_common.domain.subject import Subject
from mneme_extractor.adapters import rule_extractor
from mneme_extractor.decide.extraction import Extraction, utterance_of
from mneme_extractor.decide.journal import read_by_rules
from mneme_extractor.decide.rule_extraction import extract
from mneme_extractor.decide.utterance import speaks_for_itself
from mneme_extractor.ports import Extractor, JournalItems


@dataclass(frozen=True, slots=True)
class JournalingExtractor:
    """An Extractor: ``journal`` reads the conversation of that name, ``others`` the rest."""

    others: Extractor
    journal: Extractor

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """See Extractor."""
        chosen = self.journal if message.conversation_id == JOURNAL else self.others
        return await chosen.extract(message, subject)


@dataclass(frozen=True, slots=True)
class RuleJournal:
    """An Extractor of items by the rules."""

    items: JournalItems

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """See Extractor."""
        utterance = utterance_of(message)
        if not speaks_for_itself(utterance):
            return Extraction(rule_extractor.NAME)
        known = await self.items.known(subject)
        return Extraction(rule_extractor.NAME, read_by_rules(extract(utterance), utterance, known))
