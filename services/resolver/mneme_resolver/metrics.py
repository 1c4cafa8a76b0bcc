"""What the resolver counts of its decisions (S1-49)."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram

from mneme_common.contracts.commands import ProposeMemories
from mneme_common.contracts.record_commands import ApplySchema, StoreRecord
from mneme_resolver.decide.applied import AppliedEvent
from mneme_resolver.decide.decision import Action
from mneme_resolver.decide.similarity import UPDATE_FROM, UPSERT_FROM

_SCORES = (0.1, 0.2, 0.3, 0.4, 0.5, UPSERT_FROM, 0.6, 0.7, UPDATE_FROM, 0.9, 1.0)


class DecisionMetrics:
    """One registry for the process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.decisions = Counter(
            "mneme_resolver_decisions",
            "Choices on proposals, records and changes of schema, by what was chosen and on what it rested; many"
            " creates by bm25 beside few updates mean missed updates.",
            ["action", "basis", "rule"],
            registry=registry,
        )
        self.scores = Histogram(
            "mneme_resolver_scores",
            "Similarity of a proposal to the best memory; much just below a threshold means missed updates.",
            ["action"],
            buckets=_SCORES,
            registry=registry,
        )
        self.false_updates = Counter(
            "mneme_resolver_false_updates",
            "Classes in which an update by an extractor was undone or corrected right after, once a batch; ought to"
            " stay at zero.",
            registry=registry,
        )

    def applied(self, items: Sequence[AppliedEvent], taken_back: int) -> None:
        """A batch that is committed."""
        self.false_updates.inc(taken_back)
        for item in items:
            if isinstance(item.event.data, (ProposeMemories, StoreRecord, ApplySchema)):
                for action in item.decision.actions:
                    self._count(action)

    def _count(self, action: Action) -> None:
        self.decisions.labels(action.action, action.basis, action.rule or "").inc()
        if action.score is not None:
            self.scores.labels(action.action).observe(action.score)
