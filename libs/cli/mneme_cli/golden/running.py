"""Running cases: all are told side by side, then the server takes everything in, then each is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mneme import AsyncMneme, MnemeError
from mneme_cli.golden.case import Case
from mneme_cli.golden.checking import failures
from mneme_cli.golden.telling import NothingToForgetError, Stage, tell
from mneme_cli.transfer.level import until_level

_SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case, and what did not hold."""

    case: Case
    failures: tuple[str, ...]


async def run(client: AsyncMneme, cases: Sequence[Case], prefix: str) -> list[Verdict]:
    """The verdicts in the order of the cases; ``prefix`` begins the names of users that nobody else has."""
    stages = [Stage(client, case, f"{prefix}-{number}") for number, case in enumerate(cases, start=1)]
    broken: dict[str, str] = {}

    async def told(stage: Stage, phase: int) -> None:
        try:
            await tell(stage, phase)
        except (MnemeError, NothingToForgetError) as error:
            broken.setdefault(stage.case.name, f"given: {error}")

    for phase in range(max((len(case.phases) for case in cases), default=0)):
        await _side_by_side([_bound(told, stage, phase) for stage in stages])
        await until_level(client)
    verdicts: dict[str, tuple[str, ...]] = {}

    async def checked(stage: Stage, _phase: int) -> None:
        name = stage.case.name
        verdicts[name] = (broken[name],) if name in broken else tuple(await failures(stage))

    await _side_by_side([_bound(checked, stage, 0) for stage in stages])
    return [Verdict(case, verdicts[case.name]) for case in cases]


Act = Callable[[], Awaitable[None]]


def _bound(act: Callable[[Stage, int], Awaitable[None]], stage: Stage, phase: int) -> Act:
    return lambda: act(stage, phase)


async def _side_by_side(acts: Sequence[Act]) -> None:
    slots = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def one(act: Act) -> None:
        async with slots:
            await act()

    async with asyncio.TaskGroup() as tasks:
        for act in acts:
            tasks.create_task(one(act))
