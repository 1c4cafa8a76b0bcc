"""``extraction.preview``: read a text that is not kept → what would be proposed, to the row of whoever waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mneme_common.contracts.commands import Proposal
from mneme_common.contracts.jobs import Job, PreviewExtraction
from mneme_common.domain.column_values import fitted
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.memory_schema import ActiveSchema
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.model_waiting import PostponedError
from mneme_common.domain.subject import Subject
from mneme_common.runtime.job_delivery import Emit
from mneme_extractor.decide.extraction import Extraction, command_of
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.ports import Extractor, Previews, Schemas


@dataclass(frozen=True, slots=True)
class PreviewExtractions:
    """The text is read as a message would be; values of a tenant's own classes are made to fit."""

    previews: Previews
    schemas: Schemas
    extractor: Extractor

    async def __call__(self, job: Job, _emit: Emit, /) -> Mapping[str, JsonValue]:
        """How much was found; the words are in the row alone, which goes with the answer."""
        data = job.data
        if not isinstance(data, PreviewExtraction):
            raise TypeError("extraction.preview carries PreviewExtraction")
        subject = Subject(job.tenant_id, data.user_id)
        message = await self.previews.asked(subject, data.preview_id)
        if message is None:
            return {"found": 0}
        try:
            extraction = await self.extractor.extract(message, subject)
        except PermanentError as error:
            return await self._failed(subject, data, error.reason)
        except PostponedError as error:
            return await self._failed(subject, data, error.reason.value)
        schema = await self.schemas.active(job.tenant_id)
        proposals = command_of(message, extraction, SCHEMA_VERSION, "preview").proposals
        found = [_fitted(proposal, schema).model_dump(mode="json") for proposal in proposals]
        await self.previews.answer(subject, data.preview_id, _described(extraction) | {"proposals": list(found)})
        return {"found": len(found)}

    async def _failed(self, subject: Subject, data: PreviewExtraction, reason: str) -> Mapping[str, JsonValue]:
        await self.previews.answer(subject, data.preview_id, {"fault": reason})
        return {"found": 0, "fault": reason}


def _described(extraction: Extraction) -> dict[str, JsonValue]:
    return {"extractor": extraction.extractor, "model": extraction.model, "prompt_hash": extraction.prompt_hash}


def _fitted(proposal: Proposal, schema: ActiveSchema | None) -> Proposal:
    own = schema.find(proposal.memory_class) if schema is not None else None
    if own is None:
        return proposal
    return proposal.model_copy(update={"values": fitted(own.definition, proposal.values)[0]})
