"""The annotator that asks a model, and checks what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mneme_common.adapters.chat_endpoint import ChatEndpoint
from mneme_common.contracts.chat import ChatMessage
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.memory_schema import ClassDefinition
from mneme_common.domain.model_capabilities import Capabilities
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.annotation import (
    Annotated,
    annotation_prompt_hash,
    annotation_question,
    answer_form,
    read_annotations,
)
from mneme_extractor.ports import Account

_ATTEMPTS = 2
_SYSTEM = "system"

Question = Callable[[Capabilities], list[ChatMessage]]


@dataclass(frozen=True, slots=True)
class ModelAnnotator:
    """An Annotator within the tenant's token budget."""

    endpoint: ChatEndpoint
    account: Account

    async def annotate(self, tenant_id: str, classes: Sequence[ClassDefinition]) -> Annotated:
        """See Annotator. An answer that cannot be used is asked for once more."""
        fault = ""
        for _ in range(_ATTEMPTS):
            await self.account.require(Subject(tenant_id, _SYSTEM))
            answer = await self.endpoint.ask(tenant_id, self._question(classes), answer_form(classes))
            model = answer.model or self.endpoint.model
            await self.account.spend(Subject(tenant_id, _SYSTEM), model, answer.usage)
            try:
                return Annotated(read_annotations(answer, classes), model, annotation_prompt_hash())
            except ValueError as error:
                fault = str(error)
        raise PermanentError("invalid_model_output", f"asked {_ATTEMPTS} times: {fault}")

    @staticmethod
    def _question(classes: Sequence[ClassDefinition]) -> Question:
        return lambda understood: annotation_question(classes, schema_in_words=not understood.json_schema)
