"""The catalogue of metrics: each name once, with its kind and what to conclude from it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from mneme_common.telemetry.progress import Progress

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500)


class WorkerMetrics:
    """What a worker of one stage counts. A process has one registry and hands it on."""

    def __init__(self, stage: str, registry: CollectorRegistry) -> None:
        self.stage = stage
        self.registry = registry
        self.records = Counter(
            "mneme_records",
            "Records consumed, by what became of them (applied, skipped, buried): a rising share of buried means a bad"
            " producer or a bad deploy.",
            ["stage", "outcome"],
            registry=registry,
        )
        self.emitted = Counter("mneme_emitted", "Records produced by the stage.", ["stage"], registry=registry)
        self.retries = Counter(
            "mneme_retries",
            "Attempts repeated, by cause (dependency, unknown): dependency means wait, unknown means read the log.",
            ["stage", "cause"],
            registry=registry,
        )
        self.batch_seconds = self._histogram(
            "mneme_batch_seconds", "Time from a batch in hand to its offsets committed.", _SECONDS
        )
        self.batch_size = self._histogram("mneme_batch_records", "Records in a batch.", _SIZES)
        self.lag = self._gauge(
            "mneme_lag", "Records between the stage and the end of its topics: what autoscaling looks at."
        )
        self.oldest = self._gauge(
            "mneme_oldest_pending_seconds",
            "Age of the oldest record that the stage has not finished; alert when it keeps growing.",
        )
        self.ready = self._gauge("mneme_ready", "1 while the stage has what it needs, else 0.")
        for outcome in ("applied", "skipped", "buried"):
            self.records.labels(stage, outcome)

    def show(self, progress: Progress) -> None:
        """Lets the gauges follow a worker's progress."""
        self.lag.labels(self.stage).set_function(lambda: float(progress.lag))
        self.oldest.labels(self.stage).set_function(progress.oldest_pending_seconds)
        self.ready.labels(self.stage).set_function(lambda: float(bool(progress.health()["ready"])))

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, ["stage"], registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, meaning, ["stage"], buckets=buckets, registry=self.registry)
