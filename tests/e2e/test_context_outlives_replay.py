"""A context is a function of the ledger: a replay, and another process, change nothing of it."""

from __future__ import annotations

import pytest

from mneme import Mneme
from mneme_common.testing.waiting import eventually_blocking
from tests.e2e.conftest import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_context_is_the_same_before_and_after_a_replay(mneme: CommandLine) -> None:
    with Mneme(mneme.url, user_id=mneme.user) as client:
        said = [client.messages.record(f"The heron number {n} stood in the reeds.") for n in range(6)]
        eventually_blocking(
            lambda: all(client.messages.get(message.id).embedding_status == "completed" for message in said),
            within=60,
            every=0.2,
            message="every message is embedded",
        )
        before = client.context("heron in the reeds", 60, as_of=6)
        assert mneme("replay", "--verify").status == 0
        after = client.context("heron in the reeds", 60, as_of=6)
    elsewhere = mneme("context", "heron in the reeds", "--budget", "60", "--as-of", "6", "--json").json
    assert 0 < len(before) < 6
    assert (after.raw, elsewhere) == (before.raw, before.raw)
