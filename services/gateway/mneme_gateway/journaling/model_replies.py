"""Answers of a model to the journal: within the tenant's budget, behind the breaker, of scrubbed words only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from mneme_common.contracts.chat import ChatMessage
from mneme_common.contracts.commands import Usage
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.model_waiting import PostponedError, WaitReason
from mneme_common.domain.subject import Subject
from mneme_common.domain.token_budget import OverBudgetError
from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import ApiError
from mneme_gateway.ports import Account, ChatModel

_LONGEST = 20_000
_KEPT = "Your message is kept: send it again with the same Idempotency-Key for an answer."


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and who gave it."""

    text: str
    by: str


@dataclass(frozen=True, slots=True)
class ModelReplies:
    """Asks the model and pays for it."""

    model: ChatModel
    account: Account
    spent: Callable[[str, Usage], None]

    async def reply(self, scope: Scope, asked: list[ChatMessage]) -> Reply | None:
        """The answer; None when the rules are to answer: the tenant wants it so without tokens, or the model refused.

        Raises ApiError 429 when the tenant's tokens are spent, 503 while the model is away or says nothing.
        """
        subject = Subject(scope.tenant_id, scope.user_id)
        try:
            await self.account.require(subject)
            answer = await self.model.ask(scope.tenant_id, lambda _: asked)
        except OverBudgetError as error:
            if error.fallback:
                return None
            raise _refusal(error) from None
        except PostponedError as error:
            raise _refusal(error) from None
        except PermanentError:
            return None
        name = answer.model or self.model.model
        self.spent(name, answer.usage)
        await self.account.spend(subject, name, answer.usage)
        if answer.refusal is not None or not answer.text.strip():
            raise ApiError(503, "MODEL_SAID_NOTHING", "The model gave no answer.", hint=_KEPT)
        return Reply(answer.text.replace("\x00", "").strip()[:_LONGEST], name)


def _refusal(error: PostponedError) -> ApiError:
    wait = {"Retry-After": str(max(1, math.ceil(error.seconds)))}
    if error.reason is WaitReason.OVER_BUDGET:
        return ApiError(429, "TOKEN_BUDGET_SPENT", "The tenant's tokens are spent.", hint=_KEPT, headers=wait)
    return ApiError(503, "MODEL_AWAY", "The language model does not answer.", hint=_KEPT, headers=wait)
