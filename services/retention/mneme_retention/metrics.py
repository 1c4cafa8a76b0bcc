"""What retention counts, each name once with what to conclude from it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from mneme_common.contracts.commands import Usage


class ReflectionMetrics:
    """What models cost that distil, and how often they are of no use."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tokens = Counter(
            "mneme_model_tokens",
            "Tokens spent on reflection, by model and kind (prompt, completion): what a model costs.",
            ["model", "kind"],
            registry=registry,
        )
        self._fallbacks = Counter(
            "mneme_reflection_fallbacks",
            "Groups distilled without the model, by reason (model_away, over_budget, refused, unbelieved, denied): many"
            " unbelieved ones mean a model that paraphrases, and is paid for nothing.",
            ["reason"],
            registry=registry,
        )

    def spent(self, model: str, usage: Usage) -> None:
        """What one answer cost."""
        self._tokens.labels(model, "prompt").inc(usage.prompt_tokens)
        self._tokens.labels(model, "completion").inc(usage.completion_tokens)

    def fell_back(self, reason: str) -> None:
        """A group was distilled without the model."""
        self._fallbacks.labels(reason).inc()
