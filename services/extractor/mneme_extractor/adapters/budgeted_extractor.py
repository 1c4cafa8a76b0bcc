"""A model's extractor with the rules behind it, for tenants that would rather have those than wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.subject import Subject
from mneme_common.domain.token_budget import OverBudgetError
from mneme_extractor.decide.extraction import Extraction
from mneme_extractor.ports import Extractor


@dataclass(frozen=True, slots=True)
class BudgetedExtractor:
    """An Extractor: ``rules`` read what ``model`` may not be paid for, where the tenant wants it so."""

    model: Extractor
    rules: Extractor
    fell_back: Callable[[], None]

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """See Extractor."""
        try:
            return await self.model.extract(message, subject)
        except OverBudgetError as error:
            if not error.fallback:
                raise
        self.fell_back()
        return await self.rules.extract(message, subject)
