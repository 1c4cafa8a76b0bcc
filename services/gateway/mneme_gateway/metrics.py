"""The gateway's catalogue of metrics; names that the specification gives (features.md, S2-38) are kept as they are."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from mneme_common.contracts.commands import Usage

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_NAMED_TENANTS = 100
_RULES, _MODEL = "rules", "model"


class GatewayMetrics:
    """What the gateway counts. A process has one registry and hands it on."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "aiml_requests",
            "Requests by route and status: a rising share of 5xx means a dependency is away or a bug.",
            ["method", "path", "status"],
            registry=registry,
        )
        self.latency = Histogram(
            "aiml_request_latency_seconds",
            "Time to answer, waits for outcomes included.",
            ["method", "path"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.messages = Counter(
            "aiml_messages_ingested",
            "Messages by what became of them (recorded, pending, refused); mode is single or batch.",
            ["tenant", "role", "mode", "status"],
            registry=registry,
        )
        self.writes = Counter(
            "mneme_gateway_writes",
            "Events by type and by what was known of them when their request was answered: a rising share of pending"
            " means that the resolver does not keep up.",
            ["type", "status"],
            registry=registry,
        )
        self.in_flight = Gauge(
            "mneme_gateway_events_in_flight", "Events admitted whose outcome is not known yet.", registry=registry
        )
        self.publishing = Gauge(
            "mneme_gateway_publishing", "1 while events go straight to the log, 0 while they do not.", registry=registry
        )
        self.auth_attempts = Counter(
            "mneme_gateway_auth_attempts", "Requests with a credential, by result.", ["result"], registry=registry
        )
        self._tenants: set[str] = set()
        self._count_the_journal(registry)

    def _count_the_journal(self, registry: CollectorRegistry) -> None:
        self._replies = Counter(
            "mneme_journal_replies",
            "Answers of the journal, by who gave them (rules, model): with a model, many by rules mean spent budgets.",
            ["by"],
            registry=registry,
        )
        self._changes = Counter(
            "mneme_journal_changes",
            "What messages of the journal have changed in memory, by action, as far as it was known in time.",
            ["action"],
            registry=registry,
        )
        self._tokens = Counter(
            "mneme_model_tokens",
            "Tokens spent on answers, by model and kind (prompt, completion): what a model costs.",
            ["model", "kind"],
            registry=registry,
        )

    def count_reply(self, by: str, changes: Sequence[str]) -> None:
        """One turn of the journal was answered."""
        self._replies.labels(by if by == _RULES else _MODEL).inc()
        for action in changes:
            self._changes.labels(action).inc()

    def spent(self, model: str, usage: Usage) -> None:
        """What one answer of a model cost."""
        self._tokens.labels(model, "prompt").inc(usage.prompt_tokens)
        self._tokens.labels(model, "completion").inc(usage.completion_tokens)

    def count_message(self, tenant_id: str, role: str, mode: str, status: str) -> None:
        """Counts one message that a request wanted recorded."""
        self.messages.labels(self.tenant_label(tenant_id), role, mode, status).inc()

    def searches(self) -> tuple[int, int]:
        """Searches so far, and those of them that found nothing: what the histogram of their results says."""
        total = self.registry.get_sample_value("aiml_memory_search_results_count") or 0.0
        without = self.registry.get_sample_value("aiml_memory_search_results_bucket", {"le": "0.0"}) or 0.0
        return int(total), int(without)

    def tenant_label(self, tenant_id: str) -> str:
        """The tenant's name for the first hundred seen, then "other": labels must stay few."""
        if tenant_id in self._tenants or len(self._tenants) < _NAMED_TENANTS:
            self._tenants.add(tenant_id)
            return tenant_id
        return "other"
