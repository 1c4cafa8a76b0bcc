"""Why a language model cannot be asked now although nothing is wrong with the question."""

from __future__ import annotations

from enum import StrEnum

from mneme_common.domain.failures import DependencyError


class WaitReason(StrEnum):
    """What is waited for: a model that does not answer, or the tenant's next day or month of tokens."""

    MODEL_AWAY = "model_away"
    OVER_BUDGET = "over_budget"


class PostponedError(DependencyError):
    """This subject's questions wait; others' need not. ``seconds`` is when it is worth trying again."""

    def __init__(self, reason: WaitReason, detail: str, seconds: float) -> None:
        super().__init__(detail)
        self.reason = reason
        self.seconds = seconds
