"""The operators' verbs of both clients against a running stack."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from mneme import NotFoundError
from mneme.answers.operator import RetentionRun
from tests.fixtures.clients import Connect, Verbs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def user() -> str:
    """A user whom no other test knows."""
    return f"u{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def call(connect: Connect, stack_url: str, user: str) -> AsyncIterator[Verbs]:
    """The verbs of a client for that user."""
    async with connect(stack_url, user_id=user) as verbs:
        yield verbs


async def test_status_names_stages_and_the_log(call: Verbs) -> None:
    status = await call("status")
    stages = {stage.stage for stage in status.stages}
    assert (stages, status.broker.state) == ({"resolver", "extractor", "embedder", "retention"}, "ready")


async def test_a_replay_is_waited_for_and_finds_everything_equal(call: Verbs, user: str) -> None:
    await call("messages.record", "A heron.")
    job = await call("replay_verify", user_id=user)
    assert (job.is_finished, job.result["equal"], job.result["users"]) == (True, True, 1)
    assert (await call("jobs.get", job.job_id)).status == "done"


async def test_a_dry_run_of_retention_only_counts(call: Verbs) -> None:
    run = await call("run_retention", dry_run=True)
    assert (isinstance(run, RetentionRun), run.dry_run) == (True, True)


async def test_dead_letters_are_listed_page_by_page(call: Verbs) -> None:
    page = await call("dead_letters.list", limit=1, resolved=True)
    assert len(page) == min(page.total, 1)


async def test_a_letter_that_is_not_there_is_not_found(call: Verbs) -> None:
    with pytest.raises(NotFoundError):
        await call("dead_letters.show", str(uuid.uuid4()))


async def test_keys_are_made_rotated_and_revoked(call: Verbs, user: str) -> None:
    made = await call("keys.create", "laptop", user_id=user)
    rotated = await call("keys.rotate", made.key_id)
    listed = [key.key_id for key in await call("keys.list", user_id=user)]
    await call("keys.revoke", rotated.key_id)
    assert (made.raw_key != rotated.raw_key, listed) == (True, [rotated.key_id])
    assert made.raw_key not in repr(made)
