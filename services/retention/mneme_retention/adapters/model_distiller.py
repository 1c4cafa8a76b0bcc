"""Distilling by a model behind the OpenAI API, with the extractive distiller behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mneme_common.contracts.chat import ChatAnswer
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.limits import MEMORY_CONTENT_MAX_BYTES
from mneme_common.domain.model_waiting import PostponedError
from mneme_common.domain.subject import Subject
from mneme_retention.decide.model_distilling import may_be_asked, question, read_answer
from mneme_retention.decide.reflection import Cluster
from mneme_retention.decide.reflection_commands import Distilled
from mneme_retention.ports import Account, ChatModel, Distiller

UNBELIEVED = "unbelieved"
_PERMANENT = "refused"
_DENIED = "denied"


@dataclass(frozen=True, slots=True)
class ModelDistiller:
    """A Distiller. Without tokens, while the model is away, or when its text cannot be believed, ``otherwise`` distils.

    So it does with what denies something. ``fell_back`` is told why (metrics.py).
    """

    model: ChatModel
    account: Account
    otherwise: Distiller
    fell_back: Callable[[str], None]

    async def __call__(self, tenant_id: str, user_id: str, cluster: Cluster, /) -> Distilled | None:
        """See Distiller."""
        subject = Subject(tenant_id, user_id)
        if not may_be_asked(cluster):
            return await self._otherwise(subject, cluster, _DENIED)
        try:
            answer = await self._ask(subject, cluster)
        except PostponedError as error:
            return await self._otherwise(subject, cluster, error.reason.value)
        except PermanentError:
            return await self._otherwise(subject, cluster, _PERMANENT)
        text = read_answer(answer, cluster)
        if text is None or not _is_shorter(text, cluster):
            return await self._otherwise(subject, cluster, UNBELIEVED)
        return Distilled(cluster, text, answer.model or self.model.model)

    async def _ask(self, subject: Subject, cluster: Cluster) -> ChatAnswer:
        await self.account.require(subject)
        asked = question(cluster)
        answer = await self.model.ask(subject.tenant_id, lambda _: asked)
        await self.account.spend(subject, answer.model or self.model.model, answer.usage)
        return answer

    async def _otherwise(self, subject: Subject, cluster: Cluster, reason: str) -> Distilled | None:
        self.fell_back(reason)
        return await self.otherwise(subject.tenant_id, subject.user_id, cluster)


def _is_shorter(text: str, cluster: Cluster) -> bool:
    size = len(text.encode())
    return size < sum(len(node.content.encode()) for node in cluster.members) and size <= MEMORY_CONTENT_MAX_BYTES
