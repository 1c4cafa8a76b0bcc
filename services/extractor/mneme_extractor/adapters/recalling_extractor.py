"""Any extractor, not shown what the message only repeats from memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.extraction import Extraction, utterance_of
from mneme_extractor.decide.recall import find_recalled, masked, may_recall, packed_dates
from mneme_extractor.decide.utterance import speaks_for_itself
from mneme_extractor.ports import Extractor, Recollections


@dataclass(frozen=True, slots=True)
class RecallingExtractor:
    """An Extractor. What a message repeats is masked, and noted with the extraction; offsets are the message's."""

    extractor: Extractor
    recollections: Recollections
    recalled: Callable[[int], None]

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """See Extractor."""
        utterance = utterance_of(message)
        if not speaks_for_itself(utterance) or not may_recall(message.content, utterance.name):
            return await self.extractor.extract(message, subject)
        days = packed_dates(message.content)
        pieces = find_recalled(message.content, await self.recollections.known(subject, message.position, days))
        if not pieces:
            return await self.extractor.extract(message, subject)
        self.recalled(len(pieces))
        rest = message.model_copy(update={"content": masked(message.content, pieces)})
        return replace(await self.extractor.extract(rest, subject), recalled=pieces)
