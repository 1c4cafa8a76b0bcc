"""What the resolver makes of each pair, alone and among forty other memories, and the figures that come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mneme_resolver.decide.decision import Action
from tests.evaluation.resolver.pairs import Pair, load_background
from tests.evaluation.resolver.person import Person

_MERGING = ("update", "unchanged", "delete")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``merged`` says that the known memory was updated, confirmed or deleted; ``false`` that another one was.

    ``unread`` pairs did not get as far as the resolver: the extractor found nothing, or found it in another class.
    """

    pair: Pair
    crowded: bool
    merged: bool
    false: bool
    unread: bool
    actions: tuple[Action, ...]

    @property
    def belongs(self) -> bool:
        """Whether the second statement is about the known memory."""
        return self.pair.label != "different"


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over verdicts; precision is of the merges, recall of the pairs that belong together."""

    decisions: int
    belonging: int
    merged: int
    false_updates: int
    missed: int
    unread: int

    @property
    def precision(self) -> float:
        """The share of merges that were right; 1 without any."""
        made = self.merged + self.false_updates
        return self.merged / made if made else 1.0

    @property
    def recall(self) -> float:
        """The share of what belongs together that was merged; 1 without any."""
        return self.merged / self.belonging if self.belonging else 1.0


def judge(pair: Pair, *, crowded: bool) -> Verdict:
    """Says the first, then the second."""
    person = Person()
    if crowded:
        for sentence in load_background():
            person.says("", sentence)
    before = set(person.state.memories)
    person.says(pair.memory_class, pair.known)
    known = set(person.state.memories) - before
    roots = {person.state.memories[memory_id].root_id for memory_id in known}
    chains = {memory_id: memory.root_id for memory_id, memory in person.state.memories.items()}
    actions = person.says(pair.memory_class, pair.then)
    hit = [chains[action.target] for action in actions if action.target in chains and action.action in _MERGING]
    wrong = pair.label == "different" and any(root in roots for root in hit)
    return Verdict(
        pair=pair,
        crowded=crowded,
        merged=pair.label != "different" and any(root in roots for root in hit),
        false=wrong or any(root not in roots for root in hit),
        unread=not known or not actions,
        actions=tuple(actions),
    )


def judge_all(pairs: Iterable[Pair]) -> list[Verdict]:
    """Each pair alone, and among other memories."""
    return [judge(pair, crowded=crowded) for pair in pairs for crowded in (False, True)]


def figures_of(verdicts: Iterable[Verdict]) -> Figures:
    """The counts."""
    counted: Counter[str] = Counter()
    for verdict in verdicts:
        counted["decisions"] += 1
        counted["belonging"] += verdict.belongs
        counted["merged"] += verdict.merged
        counted["false"] += verdict.false
        counted["missed"] += verdict.belongs and not verdict.merged
        counted["unread"] += verdict.unread
    return Figures(
        counted["decisions"],
        counted["belonging"],
        counted["merged"],
        counted["false"],
        counted["missed"],
        counted["unread"],
    )
