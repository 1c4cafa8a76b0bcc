"""Between a tenant and a model: answers that it has had, and what it may spend on others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mneme_common.contracts.chat import AnswerForm, ChatAnswer, ChatMessage
from mneme_common.domain.model_capabilities import Capabilities
from mneme_common.domain.subject import Subject
from mneme_extractor.ports import Account, Answers

if TYPE_CHECKING:
    from mneme_common.adapters.chat_endpoint import ChatEndpoint


@dataclass(frozen=True, slots=True)
class Allowance:
    """``used`` is told where an answer came from, ``cache`` or ``model``."""

    answers: Answers
    account: Account
    used: Callable[[str], None]

    async def ask(
        self,
        endpoint: ChatEndpoint,
        subject: Subject,
        asked: Callable[[Capabilities], list[ChatMessage]],
        form: AnswerForm,
    ) -> ChatAnswer:
        """An answer that is paid for; raises PostponedError without the tokens for it or while the model is away."""
        await self.account.require(subject)
        answer = await endpoint.ask(subject.tenant_id, asked, form)
        await self.account.spend(subject, answer.model or endpoint.model, answer.usage)
        self.used("model")
        return answer
