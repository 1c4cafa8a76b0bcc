"""One job from its record to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from mneme_common.contracts.dead_letters import REDRIVE_LETTER
from mneme_common.contracts.jobs import Job, RunRetention, Settlement
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.job_delivery import ATTEMPTS_IN_ALL
from mneme_common.runtime.lane import AbandonedError
from mneme_common.testing.waiting import eventually
from tests.unit.jobs.bench import Bench


async def succeed(_job: Job) -> Mapping[str, JsonValue]:
    return {"archived": 3}


async def wait_for_ever(_job: Job) -> Mapping[str, JsonValue]:
    await asyncio.Event().wait()
    return {}


async def test_a_job_is_done_and_its_result_kept() -> None:
    bench = Bench(succeed)
    record = bench.ask()
    assert await bench.delivery().deliver(record) == "applied"
    assert bench.rows.settlement(bench.worked[0]) == Settlement("done", {"archived": 3})


async def test_the_same_record_twice_changes_nothing() -> None:
    bench = Bench(succeed)
    record = bench.ask()
    delivery = bench.delivery()
    assert [await delivery.deliver(record) for _ in range(3)] == ["applied", "skipped", "skipped"]
    assert len(bench.worked) == 1


async def test_a_job_of_another_stage_is_left_alone() -> None:
    bench = Bench(succeed)
    record = bench.ask()
    delivery = replace(bench.delivery(), handlers={})
    assert await delivery.deliver(record) == "skipped"
    assert bench.worked == []


async def test_an_unknown_exception_fails_the_job_at_the_third_time() -> None:
    async def break_down(_job: Job) -> Mapping[str, JsonValue]:
        raise ValueError("bug")

    bench = Bench(break_down)
    await bench.delivery().deliver(bench.ask())
    assert len(bench.worked) == 3
    assert bench.rows.settlement(bench.worked[0]) == Settlement("failed", error="unknown_error: ValueError: bug")
    assert bench.letters.buried == []


async def test_a_permanent_error_fails_the_job_at_once() -> None:
    async def refuse(_job: Job) -> Mapping[str, JsonValue]:
        raise PermanentError("no_tenant", "there is none")

    bench = Bench(refuse)
    await bench.delivery().deliver(bench.ask())
    assert len(bench.worked) == 1
    assert bench.rows.settlement(bench.worked[0]) == Settlement("failed", error="no_tenant: there is none")


@pytest.mark.parametrize("absence", [DependencyError("broker"), psycopg.OperationalError("database")])
async def test_an_absent_dependency_is_waited_for(absence: Exception) -> None:
    """The job is not failed, and those who look at the worker see what it waits for."""
    failures = [absence] * 4

    async def need(_job: Job) -> Mapping[str, JsonValue]:
        if failures:
            raise failures.pop()
        return {}

    bench = Bench(need)
    await bench.delivery().deliver(bench.ask())
    assert bench.rows.status(bench.worked[0]) == "done"


async def test_an_unreadable_record_is_buried_with_its_bytes() -> None:
    bench = Bench(succeed)
    record = replace(bench.ask(), value=b"{broken")
    assert await bench.delivery().deliver(record) == "buried"
    (letter,) = bench.letters.buried
    assert (letter.reason, letter.record.value) == ("invalid_event", b"{broken")
    assert [mirror.topic for mirror in bench.produced] == ["memory.jobs.v1.retention.dlq"]


async def test_a_record_without_a_row_is_buried() -> None:
    bench = Bench(succeed)
    record = bench.ask()
    bench.rows = type(bench.rows)()
    assert await bench.delivery().deliver(record) == "buried"
    assert [letter.reason for letter in bench.letters.buried] == ["unknown_job"]


async def test_a_letter_that_is_tried_again_is_resolved_when_its_job_is_over() -> None:
    bench, letter = Bench(succeed), uuid4()
    record = bench.ask()
    record = replace(record, headers=(*record.headers, (REDRIVE_LETTER, letter.hex.encode())))
    await bench.delivery().deliver(record)
    assert bench.letters.resolved == [("retention", letter)]


async def test_a_stop_gives_the_job_back_and_acknowledges_nothing() -> None:
    bench = Bench(wait_for_ever)
    record = bench.ask()
    working = asyncio.create_task(bench.delivery().deliver(record))
    await eventually(lambda: bench.worked)
    bench.abandon.set()
    with pytest.raises(AbandonedError):
        await working
    assert bench.rows.status(bench.worked[0]) == "queued"


async def test_a_lease_is_renewed_while_the_work_goes_on() -> None:
    """A job may take longer than its lease, which others see renewed."""
    bench = Bench(wait_for_ever)
    record = bench.ask()
    working = asyncio.create_task(bench.delivery(lease_seconds=0.06).deliver(record))
    await eventually(lambda: bench.worked)
    bench.rows.now += 0.05

    async def renewed() -> bool:
        bench.rows.now += 0.001
        return bench.rows.now > 0.08 and bench.rows.status(bench.worked[0]) == "running"

    await eventually(renewed)
    assert await bench.rows.claim(bench.worked[0], 30) is None
    working.cancel()


async def test_work_ends_when_another_worker_has_taken_the_job() -> None:
    """What was frozen longer than its lease does not go on beside its successor."""
    bench = Bench(wait_for_ever)
    record = bench.ask()
    working = asyncio.create_task(bench.delivery(lease_seconds=0.03).deliver(record))
    (job_id,) = await eventually(lambda: bench.worked)
    bench.rows.now += 1.0
    taken = await bench.rows.claim(job_id, 30)
    assert taken is not None
    await working
    assert bench.rows.status(job_id) == "running"


async def test_a_job_that_kills_its_workers_is_given_up() -> None:
    bench = Bench(succeed)
    record = bench.ask()
    job_id = _job_of(record.value)
    for _ in range(ATTEMPTS_IN_ALL):
        await bench.rows.claim(job_id, 1)
        bench.rows.now += 2
    await bench.delivery().deliver(record)
    assert bench.worked == []
    assert bench.rows.status(job_id) == "failed"


def _job_of(value: bytes | None) -> UUID:
    return RunRetention.model_validate_json(value or b"").job_id
