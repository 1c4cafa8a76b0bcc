"""Topics for tests, made before anything is produced to them."""

from __future__ import annotations

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from mneme_common.testing.waiting import eventually


async def create_topics(bootstrap: str, names: Iterable[str], *, partitions: int) -> None:
    """Make topics that do not exist yet; returns when the broker's metadata lists them all.

    Raises aiokafka's errors when the broker refuses, AssertionError when it does not list them within 10 s.
    """
    wanted = set(names)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1) for name in sorted(wanted)])

        await eventually(lambda: _all_listed(admin, wanted), message=f"topics {sorted(wanted)}")
    finally:
        await admin.close()


async def _all_listed(admin: AIOKafkaAdminClient, wanted: set[str]) -> bool:
    return wanted <= set(await admin.list_topics())
