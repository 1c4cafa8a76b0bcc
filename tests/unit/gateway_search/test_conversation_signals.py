from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mneme_common.domain.identifiers import point_id
from mneme_common.domain.vectors import RecordKind
from mneme_gateway.decide.ranking_signals import ASKS, TELLS_TIME
from mneme_gateway.search.corpus import corpus_of
from mneme_gateway.search.evidence import signals, similarities
from mneme_gateway.search.index import UserIndex, View
from mneme_gateway.search.marks import text_marks
from mneme_gateway.search.tokens import SEPARATOR, Tokeniser
from mneme_gateway.search.vocabulary import Vocabulary
from tests.unit.gateway_search.packed import Said, packed_row

_BEGIN = datetime(2024, 3, 1, 12, tzinfo=UTC)
_WORDS = ["tree", "river", "Lisbon", "cat", "when", "march", "Ada"]


def _turn(number: int, content: str, session: str = "s", name: str = "Ada", minutes: float | None = None) -> Said:
    moment = _BEGIN + timedelta(minutes=number if minutes is None else minutes)
    return Said(
        record_id=UUID(int=number + 1),
        content=content,
        session=session,
        name=name,
        occurred_at=moment,
        created_at=_BEGIN + timedelta(seconds=number),
    )


def _view(pages: Sequence[dict[str, bytes | None]]) -> View:
    index = UserIndex(Tokeniser())
    for page in pages:
        index.extend(page)
        index.settle(1)
    return index.view()


def _signals(view: View, query: str) -> dict[str, dict[int, float]]:
    corpus = corpus_of(view, frozenset(RecordKind))
    found = signals(view, query, corpus, similarities(view, None).columns, Vocabulary(None))
    places = np.flatnonzero(view.live)
    numbers = [int(low) - 1 for low in view.documents.record_low[places]]
    columns = found.at(view.conversation.slot[places])
    return {name: dict(zip(numbers, column.tolist(), strict=True)) for name, column in columns.items()}


def test_a_turn_is_heard_in_the_windows_of_its_neighbours_and_no_further() -> None:
    said = [_turn(number, "tree" if number == 3 else "words") for number in range(8)]
    window = _signals(_view([packed_row(said)]), "tree")["words_window"]
    assert [number for number, score in window.items() if score > 0] == [2, 3, 4, 5]


def test_a_window_ends_with_the_session_and_with_a_long_silence() -> None:
    said = [
        _turn(0, "words", minutes=0),
        _turn(1, "tree", minutes=600),
        _turn(2, "words", minutes=601),
        _turn(3, "words", session="t", minutes=602),
    ]
    found = _signals(_view([packed_row(said)]), "tree")
    assert [number for number, score in found["words_window"].items() if score > 0] == [1, 2]
    assert [number for number, score in found["words_episode"].items() if score > 0] == [1, 2]


def test_a_deleted_turn_is_in_no_window_and_its_neighbours_close_ranks() -> None:
    said = [_turn(number, text) for number, text in enumerate(["tree", "words", "words", "words", "words"])]
    pages = [packed_row(said), packed_row([], [(said[1].record_id, 1)])]
    found = _signals(_view(pages), "tree")
    assert [number for number, score in found["words_window"].items() if score > 0] == [0, 2, 3]
    gone = _signals(_view([*pages, packed_row([], [(said[0].record_id, 1)])]), "tree")
    assert not any(gone["words_window"].values())


def test_the_turn_after_a_question_like_the_one_asked_is_its_answer() -> None:
    said = [_turn(0, "Which tree do you like?", name="Bob"), _turn(1, "The oak"), _turn(2, "The tree is old")]
    found = _signals(_view([packed_row(said)]), "Which tree does Ada like?")
    assert [number for number, score in found["answer_words"].items() if score > 0] == [1]
    assert found["speaker"] == {0: 0.0, 1: 1.0, 2: 1.0}


def test_a_memory_is_heard_and_spoken_where_its_message_was() -> None:
    said = [_turn(0, "tree"), _turn(1, "oak", name="Bob")]
    memory = Said(
        record_id=UUID(int=9), content="likes green", tier="T3", session="s", occurred_at=_BEGIN + timedelta(minutes=1)
    )
    found = _signals(_view([packed_row([*said, memory])]), "Bob tree")
    assert (found["words_window"][8] > 0, found["speaker"][8], found["words"][8]) == (True, 1.0, 0.0)


def test_who_begins_a_session_or_speaks_after_a_long_silence_opens_and_so_does_a_memory_of_it() -> None:
    said = [_turn(0, "tree"), _turn(1, "oak"), _turn(2, "elm", minutes=600), _turn(3, "ash", session="t", minutes=601)]
    told = Said(record_id=UUID(int=9), content="green", tier="T3", session="s", occurred_at=_BEGIN)
    later = Said(
        record_id=UUID(int=11), content="red", tier="T3", session="s", occurred_at=_BEGIN + timedelta(minutes=1)
    )
    alone = Said(record_id=UUID(int=10), content="blue", tier="T3", session="u", occurred_at=_BEGIN)
    pages = [packed_row([*said, told, alone, later])]
    assert _signals(_view(pages), "tree")["opens"] == {0: 1.0, 1: 0.0, 2: 1.0, 3: 1.0, 8: 1.0, 9: 1.0, 10: 0.0}
    gone = packed_row([], [(said[0].record_id, 1)])
    assert _signals(_view([*pages, gone]), "tree")["opens"][1] == 1.0


_TURNS = st.lists(
    st.tuples(st.lists(st.sampled_from(_WORDS), max_size=5), st.integers(0, 2), st.integers(0, 500)), max_size=20
)


@settings(max_examples=60, deadline=None)
@given(
    _TURNS, st.integers(1, 6), st.sets(st.integers(0, 19)), st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4)
)
def test_signals_of_an_index_that_grew_equal_those_of_one_built_at_once(
    turns: list[tuple[list[str], int, int]], page: int, deleted: set[int], query: list[str]
) -> None:
    said = [
        _turn(number, " ".join(words), session=f"s{session}", minutes=minutes)
        for number, (words, session, minutes) in enumerate(turns)
    ]
    gone = [(each.record_id, 1) for number, each in enumerate(said) if number in deleted]
    pages = [packed_row(said[first : first + page]) for first in range(0, len(said), page)]
    left = [each for number, each in enumerate(said) if number not in deleted]
    text = " ".join(query)
    grown = _signals(_view([*pages, packed_row([], gone)]), text)
    built = _signals(_view([packed_row(left)]), text)
    for name, column in built.items():
        assert grown[name] == pytest.approx(column, abs=1e-12), name


def test_marks_say_which_texts_ask_and_which_tell_a_time() -> None:
    texts = ["Who?", "I asked? Yes.", "last summer", "two\nlines?\nthree", "何ですか\uff1f", "in 1999", "plain"]
    joined = SEPARATOR.join(text.encode() for text in texts)
    tokens = Tokeniser().tokens(joined)
    assert [bool(mark & ASKS) for mark in tokens.marks] == [True, False, False, True, True, False, False]
    assert [bool(mark & TELLS_TIME) for mark in tokens.marks] == [False, False, True, False, False, True, False]
    assert text_marks(b"", []).tolist() == [0]


def test_vectors_are_compared_only_where_they_are_known() -> None:
    index = UserIndex(Tokeniser())
    said = [_turn(0, "tree"), _turn(1, "river")]
    index.extend(packed_row(said))
    index.settle(1)
    missing = index.points_without_vectors()
    assert list(missing.values()) == [1, 0]
    before = index.view()
    index.take_vectors([missing[point_id(said[0].record_id, 1)]], [np.array([0.6, 0.8], dtype=np.float32)])
    vector = np.array([1.0, 0.0], dtype=np.float32)
    assert similarities(index.view(), vector).columns.tolist() == pytest.approx([0.6, np.nan], nan_ok=True)
    assert np.isnan(similarities(before, vector).columns).all()
    assert list(index.points_without_vectors().values()) == [1]
