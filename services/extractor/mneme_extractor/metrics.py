"""What the extractor counts, each name once with what to conclude from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from mneme_common.contracts.commands import Usage
from mneme_common.domain.model_breaker import BreakerState
from mneme_common.domain.model_waiting import WaitReason
from mneme_extractor.decide.extraction import Extraction
from mneme_extractor.decide.memory_classes import CLASSES

_SECONDS = (0.0005, 0.002, 0.01, 0.05, 0.25, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


def _class_label(memory_class: str) -> str:
    """Tenants' own classes are one: a metric must not grow with what they define."""
    return memory_class if memory_class in CLASSES else "own"


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
        self._count_what_is_not_read(registry)

    def _count_what_is_not_read(self, registry: CollectorRegistry) -> None:
        self._recalled = Counter(
            "mneme_extraction_recalled",
            "Pieces of messages that repeat what is on record, not read again; many mean that a context is fed back.",
            registry=registry,
        )
        self._answers = Counter(
            "mneme_model_answers",
            "Answers used, by where they came from (model, cache): a cache that never answers is of no use.",
            ["source"],
            registry=registry,
        )
        self._postponed = Counter(
            "mneme_extraction_postponed",
            "Messages that had to wait, by reason (model_away, over_budget).",
            ["reason"],
            registry=registry,
        )
        self._fallbacks = Counter(
            "mneme_extraction_fallbacks",
            "Messages read by the rules because their tenant's tokens were spent.",
            registry=registry,
        )
        self._waiting = Gauge(
            "mneme_extraction_waiting",
            "Messages that wait now, of all tenants, by reason; growing means a model that stays away.",
            ["reason"],
            registry=registry,
        )
        self._breakers = Gauge(
            "mneme_model_breakers",
            "Tenants whose circuit breaker is open or half open; anything but 0 is a model in trouble.",
            ["state"],
            registry=registry,
        )

    def extracted(self, extraction: Extraction, seconds: float) -> None:
        """One message was read."""
        for statement in extraction.statements:
            self._statements.labels(_class_label(statement.memory_class), statement.action).inc()
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

    def answered(self, source: str) -> None:
        """One answer was used; ``source`` is model or cache."""
        self._answers.labels(source).inc()

    def postponed(self, reason: str, messages: int) -> None:
        """So many messages have to wait."""
        self._postponed.labels(reason).inc(messages)

    def fell_back(self) -> None:
        """The rules have read what the model would have."""
        self._fallbacks.inc()

    def waiting(self, counts: Mapping[str, int]) -> None:
        """How many messages wait now, by reason."""
        for reason in WaitReason:
            self._waiting.labels(reason.value).set(counts.get(reason.value, 0))

    def show_breakers(self, count: Callable[[BreakerState], int]) -> None:
        """Where the breakers stand is asked when the metrics are."""
        for state in (BreakerState.OPEN, BreakerState.HALF_OPEN):
            self._breakers.labels(state.value).set_function(partial(count, state))

    def recalled(self, pieces: int) -> None:
        """A message repeats what is on record, in so many places."""
        self._recalled.inc(pieces)
