"""The index that serves and its shadow, asked the same questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mneme import AsyncMneme
from mneme_cli.evaluation import metrics
from mneme_cli.evaluation.asking import Asker, Found, Way
from mneme_cli.evaluation.comparing import Change, change
from mneme_cli.evaluation.datasets.dataset import Dataset
from mneme_cli.evaluation.ingesting import Audience
from mneme_cli.evaluation.measuring import Result, answerable, measured

_BY_MEANING = "dense"


@dataclass(frozen=True, slots=True)
class IndexComparison:
    """``overlap``: the share of the first hits that both give, by the usual ranking and by meaning alone.

    ``changes`` from the one that serves to its shadow, of the questions whose answers are known.
    """

    questions: int
    overlap: dict[str, float]
    changes: tuple[Change, ...]


async def compare_indexes(
    client: AsyncMneme, dataset: Dataset, audience: Audience, way: Way, first: int
) -> IndexComparison:
    """Asks both every question; raises MnemeError, 409 when there is no shadow."""
    asker = Asker(client, audience, dataset.sessions)
    overlap: dict[str, float] = {}
    changes: tuple[Change, ...] = ()
    for name, asked in (("ranking", way), ("meaning", replace(way, profile=_BY_MEANING))):
        serving = await _asked(asker, dataset, replace(asked, index="serving"))
        shadow = await _asked(asker, dataset, replace(asked, index="shadow"))
        overlap[name] = metrics.mean(
            [_overlap(one.found, other.found, first) for one, other in zip(serving, shadow, strict=True)]
        )
        changes = changes or _changes(serving, shadow)
    return IndexComparison(len(dataset.questions), overlap, changes)


async def _asked(asker: Asker, dataset: Dataset, way: Way) -> list[Result]:
    return [measured(question, await asker.search(question, way), dataset.sessions) for question in dataset.questions]


def _overlap(one: Found, other: Found, first: int) -> float:
    ids, others = set(one.ids[:first]), set(other.ids[:first])
    longest = max(len(ids), len(others))
    return len(ids & others) / longest if longest else 1.0


def _changes(serving: Sequence[Result], shadow: Sequence[Result]) -> tuple[Change, ...]:
    before = [result.measures for result in answerable(serving) if result.measures]
    after = [result.measures for result in answerable(shadow) if result.measures]
    names = list(before[0]) if before else []
    return tuple(change(name, [one[name] for one in before], [one[name] for one in after]) for name in names)
