"""Reflection through the log: sources stay and are named, what rests on what is gone ends, replays are equal."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mneme_common.adapters.chat_endpoint import chat_endpoint
from mneme_common.adapters.token_account import TokenAccount
from mneme_common.contracts.commands import DeleteMemory, StoreMemory
from mneme_common.contracts.jobs import Job, RunReflection
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_common.testing.openai_server import Answer, OpenAIServer
from mneme_resolver.decide.report import Report
from mneme_resolver.replay.empty_tables import EmptyTables
from mneme_resolver.replay.replays import Replays
from mneme_retention.adapters.extractive_distiller import ExtractiveDistiller
from mneme_retention.adapters.model_distiller import ModelDistiller
from mneme_retention.commanding import Commanding
from mneme_retention.decide.distilling import covers, distil
from mneme_retention.handlers.run_reflection import RunReflections
from mneme_retention.ports import Distiller
from mneme_retention.store.ledger import LedgerRows
from mneme_retention.store.reflections import ReflectionRows
from tests.fixtures.keys import subject_keys
from tests.integration.retention.world import MASTER_KEY, World

_HIKES = (
    "The user loves hiking.",
    "The user went hiking in the Alps on 2024-05-07.",
    "The user went hiking in Norway on 2024-06-11.",
    "The user went hiking in the Harz on 2024-07-02.",
    "The user is hiking with Anna every Sunday.",
)
_OTHERS = ("The user lives in Berlin.", "The user works at Acme.", "The user has two dogs.", "Anna is a doctor.",
           "The user drinks coffee.", "The user plays chess.")  # fmt: skip


async def _know(world: World, *contents: str, tenant: str = "acme", user: str = "ann") -> list[str]:
    return [
        await world.write(
            StoreMemory(content=content, kind=Kind.FACT, memory_type=MemoryType.SEMANTIC, session_id=f"s{index % 3}"),
            tenant=tenant,
            user=user,
        )
        for index, content in enumerate(contents)
    ]


async def _reflect(
    world: World,
    user: str | None = "ann",
    *,
    dry_run: bool = False,
    threshold: int = 5,
    distiller: Distiller | None = None,
) -> Any:
    handler = RunReflections(
        ReflectionRows(world.database),
        distiller or ExtractiveDistiller(),
        Commanding(LedgerRows(world.database), world.clock),
        world.clock,
        threshold,
        timedelta(hours=24),
    )
    data = RunReflection(job_id=uuid.uuid4(), user_id=user, dry_run=dry_run)
    result: Mapping[str, Any] = await handler(Job(data.job_id, "reflection.run", "acme", data), world.emit)
    return result


def _reflections(world: World) -> list[dict[str, Any]]:
    return world.rows.all(
        "SELECT memory_id, version, content, trust_tier, memory_type, source, source_memory_ids, tags, importance"
        " FROM memories WHERE source LIKE 'reflection/%%' AND to_seq IS NULL AND NOT tombstone ORDER BY content"
    )


async def test_a_reflection_says_all_that_its_sources_say_in_fewer_tokens(world: World) -> None:
    known = await _know(world, *_HIKES, *_OTHERS)
    result = await _reflect(world)
    assert (result["scenes_created"], result["candidates_found"]) == (1, 1)
    (made,) = _reflections(world)
    covered = sum(covers(made["content"], source) for source in _HIKES) / len(_HIKES)
    tokens = -(-len(made["content"].encode()) // 4)
    before = sum(-(-len(source.encode()) // 4) for source in _HIKES)
    assert covered == 1.0
    assert tokens <= 0.8 * before, f"{tokens} of {before} tokens"
    assert result["bytes_of_scenes"] < result["bytes_of_sources"]
    assert [uuid.UUID(name) for name in made["source_memory_ids"]] == [uuid.UUID(name) for name in known[:5]]
    assert (made["trust_tier"], made["memory_type"], made["source"]) == ("T4", "semantic", "reflection/extractive-1")
    assert (made["tags"], made["importance"]) == (["reflection"], 0.75)
    assert set(world.memories()) >= set(_HIKES), "the sources stay"


async def test_what_a_model_distils_is_recorded_with_its_name_and_paid_for(world: World) -> None:
    """And what it was asked in vain as well; then the extractive text is kept, under its own name."""
    await _know(world, *_HIKES, *_OTHERS)
    server = OpenAIServer(reply=lambda body: distil(body["messages"][-1]["content"].splitlines()))
    async with (
        server.running(),
        chat_endpoint(
            model="m", api_key="sk-test", base_url=server.base_url, limit_seconds=5.0, attempts=1,
            spent=lambda _model, _usage: None, doing="reflect",
        ) as endpoint,
    ):  # fmt: skip
        account = TokenAccount(world.database, world.clock)
        by_model = ModelDistiller(endpoint, account, ExtractiveDistiller(), lambda _reason: None)
        result = await _reflect(world, distiller=by_model)
        server.script.append(Answer("The user hikes."))
        again = await _reflect(world, distiller=by_model)
    assert (result["made_by"], again["made_by"]) == ({"m-scripted": 1}, {"extractive-1": 1})
    (made,) = _reflections(world)
    assert all(covers(made["content"], source) for source in _HIKES)
    assert made["source"] == "reflection/m-scripted", "the same text is no new version"
    assert world.rows.all("SELECT tenant_id, requests FROM model_usage") == [{"tenant_id": "acme", "requests": 2}]


async def test_reflecting_again_on_the_same_changes_nothing(world: World) -> None:
    await _know(world, *_HIKES, *_OTHERS)
    await _reflect(world)
    (made,) = _reflections(world)
    assert (await _reflect(world))["scenes_created"] == 0
    assert _reflections(world) == [made]


async def test_more_of_the_same_makes_a_new_version(world: World) -> None:
    await _know(world, *_HIKES, *_OTHERS)
    await _reflect(world)
    await _know(world, "The user went hiking in Scotland on 2024-08-01.")
    await _reflect(world)
    (made,) = _reflections(world)
    assert (made["version"], "Scotland" in made["content"], len(made["source_memory_ids"])) == (2, True, 6)


async def test_what_rests_on_a_forgotten_memory_is_forgotten_too(world: World) -> None:
    known = await _know(world, *_HIKES[:3], *_OTHERS)
    await _reflect(world)
    await world.write(DeleteMemory(memory_id=uuid.UUID(known[1])))
    result = await _reflect(world)
    assert result["ended"] == 1
    assert not any("Alps" in content for content in world.memories())


async def test_a_dry_run_only_tells_what_belongs_together(world: World) -> None:
    known = await _know(world, *_HIKES, *_OTHERS)
    result = await _reflect(world, dry_run=True)
    (candidate,) = result["candidates"]
    assert [uuid.UUID(name).hex for name in candidate["memory_ids"]] == [uuid.UUID(name).hex for name in known[:5]]
    assert _reflections(world) == []
    assert "hiking" not in repr(result)


async def test_only_those_who_are_due_are_reflected_on_by_the_clock(world: World) -> None:
    await _know(world, *_HIKES, *_OTHERS)
    await _know(world, "The user hikes.", user="bob")
    assert (await _reflect(world, None))["users"] == 1
    assert (await _reflect(world, None))["users"] == 0, "within the cooldown nobody is due"
    world.now += timedelta(hours=3)
    assert (await _reflect(world, None))["users"] == 0, "nothing is new"


async def test_a_distilled_text_whose_source_has_gone_meanwhile_is_refused(world: World) -> None:
    known = await _know(world, *_HIKES[:3])
    await world.write(DeleteMemory(memory_id=uuid.UUID(known[0])))
    data = StoreMemory(content="All of it.", kind=Kind.FACT, memory_type=MemoryType.SEMANTIC, key="reflection/hike",
                       source="reflection/x", source_memory_ids=[uuid.UUID(name) for name in known])  # fmt: skip
    await world.write(data)
    assert "All of it." not in world.memories()
    assert world.rows.value("SELECT outcome ->> 'code' FROM ledger ORDER BY seq DESC LIMIT 1") == "SOURCES_CHANGED"


async def test_reflections_are_replayed_to_the_byte(world: World) -> None:
    known = await _know(world, *_HIKES, *_OTHERS)
    await _reflect(world)
    await world.write(DeleteMemory(memory_id=uuid.UUID(known[1])))
    await _reflect(world)
    report = Report(redecides=True)
    replays = Replays(world.database, EmptyTables(world.database.url), subject_keys(MASTER_KEY))
    await replays.tenant("acme", report)
    assert (report.found, report.redecided, report.users) == (0, 0, 1)
