"""One evaluation: the documents told, every question asked in every way, everything measured."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from rich.progress import Progress, TaskID

from mneme import AsyncMneme
from mneme_cli.evaluation.asking import Asker, Way
from mneme_cli.evaluation.datasets.dataset import Dataset, Question
from mneme_cli.evaluation.ingesting import Audience, ingest
from mneme_cli.evaluation.measuring import Result, measured
from mneme_cli.screen import Screen
from mneme_cli.transfer.tally import Tally


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured: one way, baselines beside it, and packs of these sizes."""

    way: Way
    baselines: tuple[str, ...] = ()
    budgets: tuple[int, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What was measured."""

    tally: Tally
    results: list[Result] = field(default_factory=list)
    baselines: dict[str, list[Result]] = field(default_factory=dict)


class Evaluation:
    """Runs a plan over a dataset that one audience holds."""

    def __init__(self, client: AsyncMneme, dataset: Dataset, audience: Audience, screen: Screen) -> None:
        self._client = client
        self._dataset = dataset
        self._audience = audience
        self._screen = screen
        self._sessions = dataset.sessions
        self._asker = Asker(client, audience, self._sessions)

    async def run(self, plan: Plan, identity: str) -> Outcome:
        """Measures; raises MnemeError, and CommandFailedError when a document is refused."""
        tally = await ingest(self._client, self._dataset, self._audience, identity, self._screen)
        outcome = Outcome(tally)
        ways = [(plan.way, plan.budgets), *((_with(plan.way, name), ()) for name in plan.baselines)]
        with self._progress() as progress:
            for way, budgets in ways:
                results = await self._asked(way, budgets, progress)
                if way is plan.way:
                    outcome.results = results
                else:
                    outcome.baselines[str(way.profile)] = results
        return outcome

    async def _asked(self, way: Way, budgets: Sequence[int], progress: Progress | None) -> list[Result]:
        questions = self._dataset.questions
        name = way.profile or "default"
        bar = progress.add_task(f"asking ({name})", total=len(questions)) if progress else TaskID(0)
        await self._warm(questions, way)
        results = []
        for question in questions:
            found = await self._asker.search(question, way)
            packs = {budget: await self._asker.pack(question, way, budget) for budget in budgets}
            results.append(measured(question, found, self._sessions, packs))
            if progress:
                progress.advance(bar)
        return results

    async def _warm(self, questions: Sequence[Question], way: Way) -> None:
        """The first search of a user builds the index: it is not what the latency is about."""
        for question in {question.group: question for question in questions}.values():
            await self._asker.search(question, way)

    def _progress(self) -> AbstractContextManager[Progress | None]:
        return Progress(console=self._screen.notes) if self._screen.is_live else nullcontext()


def _with(way: Way, profile: str) -> Way:
    return Way(way.kinds, way.top_k, profile)
