"""What search counts; names that the specification gives (features.md, S1-24, S2-38) are kept as they are."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_TOKENS = (0, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000)
_RESULTS = (0, 1, 2, 5, 10, 20, 50, 100)


class SearchMetrics:
    """A process has one registry and hands it on."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.searches = Counter(
            "aiml_memory_search",
            "Searches by tenant, and by whether the user's index was there already: mostly not means that"
            " MNEME_SEARCH_MEMORY_MIB is too small.",
            ["tenant", "cached"],
            registry=registry,
        )
        self.latency = Histogram(
            "aiml_memory_search_latency_seconds", "Time of a search without HTTP.", buckets=_SECONDS, registry=registry
        )
        self.results = Histogram(
            "aiml_memory_search_results", "Results of a search.", buckets=_RESULTS, registry=registry
        )
        self.hits = Counter(
            "retrieval_hits",
            "Results of searches: messages, and memories by kind.",
            ["type"],
            registry=registry,
        )
        self.degraded = Counter(
            "mneme_gateway_searches_degraded",
            "Searches answered by words alone: the vector store or the embedding model is away.",
            registry=registry,
        )
        self.index_bytes = Gauge(
            "mneme_gateway_index_bytes", "Memory that the indexes of hot users take.", registry=registry
        )
        self.index_users = Gauge("mneme_gateway_index_users", "Users whose index is kept.", registry=registry)


class ContextMetrics:
    """What packing counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.tokens = Histogram(
            "mneme_gateway_context_tokens", "Tokens of a context.", buckets=_TOKENS, registry=registry
        )
        self.dropped = Counter(
            "mneme_gateway_context_dropped",
            "What was found and left out of a context, by reason: mostly budget means that budgets are small.",
            ["reason"],
            registry=registry,
        )
        self.latency = Histogram(
            "mneme_gateway_context_seconds",
            "Time of a context without HTTP, its search included.",
            buckets=_SECONDS,
            registry=registry,
        )
