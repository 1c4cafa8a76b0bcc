from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mneme_common.domain.identifiers import point_id
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.search.index import UserIndex, View
from mneme_gateway.search.tokens import Tokeniser
from tests.unit.gateway_search.packed import Said, packed_row
from tests.unit.gateway_search.slow_bm25 import slow_bm25

_TOKENISER = Tokeniser()
_WORDS = ["tree", "river", "Lisbon", "the", "cat", "cats", "café", "don't", "猫が好き", ""]
_TEXTS = st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join)
_PARAMETERS = st.builds(Bm25Parameters, k1=st.floats(0.1, 3), b=st.floats(0, 1))
_DEFAULT = Bm25Parameters()


class History:
    """Writes as a resolver does: every record has versions, of which one at most is open."""

    def __init__(self) -> None:
        self.position = 0
        self.open: dict[UUID, Said] = {}

    def page(self, changes: list[tuple[int, str | None, bool]]) -> dict[str, bytes | None]:
        """The net effect of some changes (record number, new text or None for deletion, memory or message)."""
        before = dict(self.open)
        for number, text, is_memory in changes:
            self.position += 1
            self._change(number, text, is_memory)
        closed = [said for record, said in before.items() if self.open.get(record) is not said]
        added = [said for record, said in self.open.items() if before.get(record) is not said]
        return packed_row(
            added,
            [(said.record_id, said.revision) for said in closed if not said.tier],
            [said.record_id for said in closed if said.tier],
        )

    def _change(self, number: int, text: str | None, is_memory: bool) -> None:
        record = UUID(int=(number + 1) << 64 | (number + 1) * 7919 | is_memory)
        known = self.open.pop(record, None)
        if text is None:
            return
        if is_memory:
            # A new version of a memory has an id of its own.
            record_id = UUID(int=record.int | self.position << 32)
            self.open[record] = Said(record_id=record_id, content=text, tier="T1", position=self.position)
            return
        revision = known.revision + 1 if known else 1 + 100 * (self.position > 1)
        self.open[record] = Said(record_id=record, content=text, revision=revision, position=self.position)


_CHANGES = st.lists(st.tuples(st.integers(0, 9), st.none() | _TEXTS, st.booleans()), max_size=12)


def _index(pages: list[dict[str, bytes | None]], position: int = 1) -> View:
    index = UserIndex(_TOKENISER)
    for page in pages:
        index.extend(page)
        index.settle(position)
    return index.view()


def _scores(view: View, query: str, parameters: Bm25Parameters = _DEFAULT) -> dict[str, float]:
    scores = view.bm25(query, view.live, parameters)
    return {view.record_id(int(place)).hex: float(scores[place]) for place in np.flatnonzero(scores)}


@settings(max_examples=200, deadline=None)
@given(st.lists(_CHANGES, min_size=1, max_size=8), _TEXTS, _PARAMETERS)
def test_scores_are_those_of_the_textbook_after_any_history(
    pages: list[list[tuple[int, str | None, bool]]], query: str, parameters: Bm25Parameters
) -> None:
    history = History()
    view = _index([history.page(changes) for changes in pages], 7)
    expected = slow_bm25(
        query, {said.record_id.hex: said.content for said in history.open.values()}, parameters.k1, parameters.b
    )
    assert _scores(view, query, parameters) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(_CHANGES, min_size=1, max_size=8), _TEXTS)
def test_an_index_that_grew_equals_one_built_at_once_to_the_last_bit(
    pages: list[list[tuple[int, str | None, bool]]], query: str
) -> None:
    history = History()
    grown = _index([history.page(changes) for changes in pages])
    built = _index([packed_row(list(history.open.values()))])
    assert _scores(grown, query) == _scores(built, query)


def test_a_view_stays_as_it_was_while_the_index_moves_on() -> None:
    history, index = History(), UserIndex(_TOKENISER)
    index.extend(history.page([(1, "tree", False), (2, "tree house", False)]))
    index.settle(2)
    before = index.view()
    scores = _scores(before, "tree")
    index.extend(history.page([(1, None, False), *((n, "tree", False) for n in range(3, 40))]))
    index.settle(40)
    assert _scores(before, "tree") == scores
    assert (before.position, index.view().position) == (2, 40)
    assert len(_scores(index.view(), "tree")) == 38


def test_points_of_closed_revisions_lead_nowhere() -> None:
    history, index = History(), UserIndex(_TOKENISER)
    index.extend(history.page([(1, "one", False)]))
    (first,) = history.open.values()
    index.extend(history.page([(1, "two", False)]))
    index.settle(2)
    (second,) = history.open.values()
    points = [point_id(said.record_id, said.revision).int & (2**64 - 1) for said in (first, second)]
    assert index.view().places(np.array([*points, 5], dtype=np.uint64)).tolist() == [-1, 1, -1]


def test_points_are_found_among_many_and_among_the_latest() -> None:
    index = UserIndex(_TOKENISER)
    ids = [UUID(int=(n * 2654435761) % 2**64) for n in range(1, 3001)]
    for start in (0, 1000, 2900):
        index.extend(packed_row([Said(record_id=each, content="x") for each in ids[start : start + 1000]]))
        index.settle(start + 1)
    low = np.array([each.int for each in ids[:2000] + ids[2900:]], dtype=np.uint64)
    assert (index.view().places(low) >= 0).all()


def test_an_index_of_mostly_closed_versions_is_worn() -> None:
    history, index = History(), UserIndex(_TOKENISER)
    for start in range(0, 3000, 100):
        index.extend(history.page([(n, "text", False) for n in range(start, start + 100)]))
    assert not index.is_worn
    index.extend(history.page([(n, None, False) for n in range(1600)]))
    assert index.is_worn


def test_an_index_says_how_many_bytes_it_keeps() -> None:
    index = UserIndex(_TOKENISER)
    assert index.nbytes < 1000
    said = [Said(record_id=UUID(int=n), content=f"some words about {n}") for n in range(1, 2001)]
    index.extend(packed_row(said))
    index.settle(1)
    assert 2000 * 100 < index.nbytes < 2000 * 400


def test_an_index_without_documents_answers_with_nothing() -> None:
    view = UserIndex(_TOKENISER).view()
    assert (len(view.documents), _scores(view, "tree")) == (0, {})
