"""The deterministic extractor behind the port: no model, no network."""

from __future__ import annotations

import asyncio

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.extraction import Extraction, utterance_of
from mneme_extractor.decide.rule_extraction import extract

NAME = "rules-1"
"""The name of these rules; it is kept with every memory, so it changes when they find something else."""


class RuleExtractor:
    """An Extractor that cannot fail; it lets others run between two messages."""

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:  # noqa: ARG002
        """See Extractor."""
        await asyncio.sleep(0)
        return Extraction(NAME, extract(utterance_of(message)))
