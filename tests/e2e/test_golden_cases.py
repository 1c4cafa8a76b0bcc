"""The golden set in tests/golden: every case told to one running stack, as users of its own, and checked."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest

from mneme import AsyncMneme
from mneme_cli.golden.case import Case, cases_in
from mneme_cli.golden.running import Verdict, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_CASES = cases_in(Path(__file__).resolve().parents[1] / "golden")
_COVERED = {
    "aliases",
    "scope",
    "supersession",
    "contradiction",
    "cross-user isolation",
    "budget eviction",
    "ranking stability",
    "abstention",
    "journal",
    "meaning",
}


@pytest.fixture(scope="session")
def verdicts(stack_url: str) -> dict[str, Verdict]:
    """What became of every case; all are told at once, which takes little longer than to tell one."""

    async def judged() -> list[Verdict]:
        async with AsyncMneme(stack_url, outcome_timeout=120) as client:
            return await run(client, _CASES, f"golden-{uuid.uuid4().hex[:10]}")

    return {verdict.case.name: verdict for verdict in asyncio.run(judged())}


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.covers}: {case.name}")
def test_what_is_told_becomes_what_the_case_says(verdicts: dict[str, Verdict], case: Case) -> None:
    assert verdicts[case.name].failures == ()


def test_the_golden_set_covers_what_it_is_for() -> None:
    assert ({case.covers for case in _CASES}, len(_CASES) >= 60) == (_COVERED, True)
