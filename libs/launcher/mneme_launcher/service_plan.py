"""The services: what each is started with, and in which order they are stopped."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from mneme_launcher.provision import DatabaseUrls
from mneme_launcher.settings import StackSettings

GATEWAY = "gateway"
# What a first request needs comes first: on a small machine all five together would keep each other waiting.
START_ORDER = ((GATEWAY, "resolver"), ("embedder", "extractor", "retention"))
# Whoever makes work stops before whoever does it; those of one group stop together.
STOP_ORDER = ((GATEWAY,), ("retention", "extractor", "embedder"), ("resolver",))
RESOLVER_FETCH_WAIT_MS = 5
FETCH_WAIT_MS = 200
LATER_STAGES = ("extractor", "embedder", "retention")
LATER_NICENESS = 10
WORKERS = tuple(name for group in START_ORDER for name in group if name != GATEWAY)
# The owner may drop tables and the other role's URL is not a service's business; keys of tenants are the gateway's.
_OURS_ALONE = (
    "MNEME_DATABASE_URL",
    "MNEME_READER_DATABASE_URL",
    "MNEME_WRITER_DATABASE_URL",
    "MNEME_MASTER_KEY",
    "MNEME_WORKER_PORT",
)


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One service: its name, the module that runs it and its whole environment.

    ``niceness`` is above 0 for those that nobody waits for: on a small machine they leave the processor to the writes.
    """

    name: str
    module: str
    environment: Mapping[str, str]
    niceness: int = 0


def plan_services(
    settings: StackSettings,
    urls: DatabaseUrls,
    encryption_key: str,
    ports: Mapping[str, int],
    outer: Mapping[str, str] | None = None,
) -> list[list[ServicePlan]]:
    """The five services in groups that are started together; `ports` names the health port of each worker."""
    outer = os.environ if outer is None else outer
    shared = {name: value for name, value in outer.items() if name not in _OURS_ALONE}
    shared |= _shared(settings, encryption_key)

    def plan(name: str) -> ServicePlan:
        own = _gateway(settings, urls, outer) if name == GATEWAY else _worker(urls, ports[name])
        broker = _embedded_broker(name) if settings.embedded else {}
        niceness = LATER_NICENESS if name in LATER_STAGES else 0
        return ServicePlan(name, f"mneme_{name}.main", {**broker, **shared, **own}, niceness)

    return [[plan(name) for name in group] for group in START_ORDER]


def _shared(settings: StackSettings, encryption_key: str) -> dict[str, str]:
    return {
        "MNEME_HOME": str(settings.home.expanduser().resolve()),
        "MNEME_ENCRYPTION_KEY": encryption_key,
        "MNEME_ERASURE_REGISTER": str(settings.home.expanduser().resolve() / "erasures.jsonl"),
        "MNEME_PARTITIONS": str(settings.partitions),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _embedded_broker(name: str) -> dict[str, str]:
    """The embedded broker takes 3 s to form a group, and answers a fetch only at the end of its wait.

    Whoever writes waits for the resolver; the others gather a batch, which costs as much as a few records alone.
    """
    wait = RESOLVER_FETCH_WAIT_MS if name == "resolver" else FETCH_WAIT_MS
    return {"MNEME_KAFKA_ASSIGNMENT": "all", "MNEME_KAFKA_FETCH_MAX_WAIT_MS": str(wait)}


def _gateway(settings: StackSettings, urls: DatabaseUrls, outer: Mapping[str, str]) -> dict[str, str]:
    own = {
        "MNEME_READER_DATABASE_URL": urls.reader,
        "MNEME_HTTP_HOST": settings.http_host,
        "MNEME_HTTP_PORT": str(settings.http_port),
        "MNEME_AUTH": settings.auth,
    }
    return own | {name: outer[name] for name in ("MNEME_MASTER_KEY",) if name in outer}


def _worker(urls: DatabaseUrls, port: int) -> dict[str, str]:
    return {"MNEME_WRITER_DATABASE_URL": urls.writer, "MNEME_WORKER_PORT": str(port)}
