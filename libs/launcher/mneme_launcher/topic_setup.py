"""Creates the topics that the contracts list, on the embedded broker or on any Kafka."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from mneme_common.contracts.topics import RETENTION_MS, TopicNames, all_topic_names, is_compacted
from mneme_launcher.errors import StackError

_REPLICAS = 3
_DLQ_PARTITIONS = 1
_LISTED_WITHIN_S = 15.0
_POLL_S = 0.05


async def create_topics(
    bootstrap: str,
    partitions: int,
    *,
    names: TopicNames = TopicNames(),  # noqa: B008  # a frozen value
    connection: Mapping[str, Any] | None = None,
) -> None:
    """Creates what is missing and leaves alone what is there, with whatever settings it has.

    `connection` holds the security options of aiokafka's clients. Where the cluster has three brokers or
    more, there are three replicas, of which two must have a record before it counts as accepted.

    Raises:
        StackError: the broker is out of reach or refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="mneme-launcher", **(connection or {}))
    try:
        await admin.start()
        try:
            present = set(await admin.list_topics())
            replicas = min(_REPLICAS, len((await admin.describe_cluster())["brokers"]))
            wanted = [name for name in map(names.of, all_topic_names()) if name not in present]
            if wanted:
                answer = await admin.create_topics(
                    [_topic(name, names.plain(name), partitions, replicas) for name in wanted]
                )
                _check(answer.to_object()["topic_errors"])
                await _wait_until_listed(admin, set(wanted))
        finally:
            await admin.close()
    except (KafkaError, OSError) as error:
        raise StackError(f"cannot create the topics on {bootstrap}: {error!r}") from error


def _topic(name: str, plain: str, partitions: int, replicas: int) -> NewTopic:
    configs = {"cleanup.policy": "compact"} if is_compacted(plain) else {"retention.ms": str(RETENTION_MS)}
    if replicas >= _REPLICAS:
        configs["min.insync.replicas"] = str(replicas - 1)
    count = _DLQ_PARTITIONS if name.endswith(".dlq") else partitions
    return NewTopic(name, count, replicas, topic_configs=configs)


async def _wait_until_listed(admin: AIOKafkaAdminClient, wanted: set[str]) -> None:
    """A Kafka answers before all of its metadata knows; a consumer that comes too early waits much longer."""
    deadline = time.monotonic() + _LISTED_WITHIN_S
    while not wanted <= set(await admin.list_topics()):
        if time.monotonic() > deadline:
            raise StackError(f"the broker took topics and does not list them: {sorted(wanted)}")
        await asyncio.sleep(_POLL_S)


def _check(outcomes: list[dict[str, Any]]) -> None:
    """Raises the first refusal; a topic that somebody else created meanwhile is none."""
    for outcome in outcomes:
        error = for_code(outcome["error_code"])
        if error not in (NoError, TopicAlreadyExistsError):
            raise error(outcome)
