"""The deterministic extractor behind the port: no model, no network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.extraction import Extraction, utterance_of
from mneme_extractor.decide.labelled_records import labelled_records
from mneme_extractor.decide.rule_extraction import extract
from mneme_extractor.ports import Schemas

NAME = "rules-2"
"""The name of these rules; it is kept with every memory, so it changes when they find something else."""


@dataclass(frozen=True, slots=True)
class RuleExtractor:
    """An Extractor that needs nothing but the database; it lets others run between two messages."""

    schemas: Schemas | None = None

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """See Extractor."""
        await asyncio.sleep(0)
        utterance = utterance_of(message)
        schema = None if self.schemas is None else await self.schemas.active(subject.tenant_id)
        return Extraction(NAME, (*extract(utterance), *labelled_records(utterance, schema)))
