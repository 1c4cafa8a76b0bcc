"""What the extractor counts, each name once with what to conclude from it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from mneme_common.contracts.commands import Usage
from mneme_extractor.decide.extraction import Extraction

_SECONDS = (0.0005, 0.002, 0.01, 0.05, 0.25, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class ExtractionMetrics:
    """A Meter on Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._statements = Counter(
            "mneme_extracted",
            "Proposals by class and action: a class that disappears with a change of model or rules is a regression.",
            ["memory_class", "action"],
            registry=registry,
        )
        self._dropped = Counter(
            "mneme_extraction_dropped",
            "Findings of a model that could not be checked, by reason: quotes not found mean a model that invents.",
            ["reason"],
            registry=registry,
        )
        self._rejected = Counter(
            "mneme_extraction_rejected",
            "Messages that could not be extracted from and are among the dead letters, by reason.",
            ["reason"],
            registry=registry,
        )
        self._seconds = Histogram(
            "mneme_extraction_seconds",
            "Time to extract from one message, waiting for a model and its retries included.",
            ["extractor"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._tokens = Counter(
            "mneme_model_tokens",
            "Tokens spent on extraction, by model and kind (prompt, completion): what a model costs.",
            ["model", "kind"],
            registry=registry,
        )
        self._requests = Counter(
            "mneme_model_requests",
            "Answers of a model; more than messages means repairs.",
            ["model"],
            registry=registry,
        )

    def extracted(self, extraction: Extraction, seconds: float) -> None:
        """One message was read."""
        for statement in extraction.statements:
            self._statements.labels(statement.memory_class, statement.action).inc()
        for reason in extraction.dropped:
            self._dropped.labels(reason).inc()
        self._seconds.labels(extraction.extractor).observe(seconds)

    def rejected(self, reason: str) -> None:
        """One message could not be read."""
        self._rejected.labels(reason).inc()

    def spent(self, model: str, usage: Usage) -> None:
        """What one answer cost; counted as it is spent, also when the answer is of no use."""
        self._tokens.labels(model, "prompt").inc(usage.prompt_tokens)
        self._tokens.labels(model, "completion").inc(usage.completion_tokens)
        self._requests.labels(model).inc(usage.requests)
