"""Retention's delete takes the words out of the ledger too, and a replay is still equal (guarantees 9 and 11)."""

from __future__ import annotations

import asyncio
from uuid import UUID

from mneme_common.contracts.commands import ApplyRetention, UpdateMessage
from mneme_common.runtime.stage import ignore
from mneme_resolver.decide.report import Report
from mneme_resolver.replay.empty_tables import EmptyTables
from mneme_resolver.replay.replays import Replays
from mneme_resolver.store.event_store import PostgresEventStore
from mneme_resolver.store.subject_keys import wrapped_of
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT, USER, event, said
from tests.fixtures.searching import in_tables
from tests.integration.retention.world import World

_WORDS = ["zanzibarium", "quillfeather", "marmalade"]


def _retention(**chosen: list[UUID]) -> ApplyRetention:
    return ApplyRetention(reason="retention policy", job_id="job", **chosen)


async def _payloads(world: World) -> str:
    """Everything that the ledger says, decrypted."""
    keys = subject_keys()
    row = world.rows.all("SELECT wrapped_key, wrapped_by FROM subject_keys WHERE user_id = %s", USER)[0]
    wrapped = {(TENANT, USER): wrapped_of(row)}
    key = (await keys.opened({subject: one for subject, one in wrapped.items() if one is not None}))[TENANT, USER]
    rows = world.rows.all("SELECT event_id, payload FROM ledger ORDER BY seq")
    return "\n".join(key.decrypt(row["event_id"], bytes(row["payload"])).decode() for row in rows)


async def test_nothing_is_left_of_a_deleted_message_but_that_it_was_there(
    world: World, database: MnemeDatabase
) -> None:
    store = PostgresEventStore(database=world.database, keys=subject_keys(), clock=world.clock, checkpoint=ignore)
    secret = {"name": "Quillfeather", "metadata": {"n": "zanzibarium"}}
    await store.apply(
        [event(said("I live in Zanzibarium.", **secret)), event(said("I like marmalade.", remember=True))]
    )
    first, second = [row["message_id"] for row in world.rows.all("SELECT message_id FROM messages ORDER BY from_seq")]
    changes = [
        UpdateMessage(message_id=first, content="Zanzibarium it is."),
        UpdateMessage(message_id=first, content="Zanzibarium it is.", metadata={"again": "quillfeather"}),
        UpdateMessage(message_id=first, content="Zanzibarium it is."),
        UpdateMessage(message_id=first, metadata={"last": "zanzibarium"}),
    ]
    await store.apply([event(change) for change in changes])
    await store.apply([event(_retention(archive_message_ids=[first, second]))])
    assert len(await asyncio.to_thread(in_tables, database, _WORDS)) >= 3
    await store.apply([event(_retention(delete_message_ids=[first, second]))])

    assert await asyncio.to_thread(in_tables, database, _WORDS) == ["memories: marmalade"]
    payloads = await _payloads(world)
    assert [word for word in _WORDS if word in payloads.lower()] == ["marmalade"], "what is remembered is a memory"
    rows = world.rows.all("SELECT content, name, to_seq FROM messages WHERE message_id = %s", first)
    assert len(rows) == 5
    assert all(row["content"].startswith("[deleted ") and row["to_seq"] and row["name"] is None for row in rows)
    report = Report()
    await Replays(world.database, EmptyTables(database.writer_url), subject_keys()).tenant(TENANT, report)
    assert (report.differences, report.events) == ([], 8)
