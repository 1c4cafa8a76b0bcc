from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mneme_gateway.decide.context_packing import Candidate, DropReason, Pack, one_line, pack
from mneme_gateway.decide.near_duplicates import Repetitions, Statement
from mneme_gateway.decide.token_counting import tokens_of

_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def _candidate(number: int, text: str, score: float = 0.5, *, pinned: bool = False, hours: int = 0) -> Candidate:
    name = f"{number:032x}"
    statement = Statement(name, text, "Ada")
    created_at = _BEGIN + timedelta(hours=hours)
    return Candidate(record_id=name, text=text, score=score, created_at=created_at, pinned=pinned, statement=statement)


def _texts(packed: Pack) -> list[str]:
    return [item.candidate.text for item in packed.items]


_CANDIDATES = st.lists(
    st.builds(
        _candidate,
        st.integers(0, 2**64),
        st.text(max_size=60),
        st.sampled_from([0.1, 0.5, 0.9]),
        pinned=st.booleans(),
        hours=st.integers(0, 3),
    ),
    max_size=25,
    unique_by=lambda candidate: candidate.record_id,
)


@given(_CANDIDATES, st.integers(1, 200))
def test_the_budget_is_never_exceeded_by_the_bytes_of_the_context(candidates: list[Candidate], budget: int) -> None:
    packed = pack(candidates, budget)
    assert packed.used_tokens == tokens_of(packed.context) <= budget


@given(_CANDIDATES, st.integers(1, 200), st.randoms())
def test_equal_candidates_make_equal_packs_in_whatever_order_they_come(
    candidates: list[Candidate], budget: int, random: object
) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis says no more than "randoms"
    one, other = pack(candidates, budget), pack(shuffled, budget)
    assert (one.context, one.pack_hash, one.dropped) == (other.context, other.pack_hash, other.dropped)


@st.composite
def _reflected(draw: st.DrawFn) -> list[Candidate]:
    """Candidates of which some rest on others."""
    candidates = draw(_CANDIDATES)
    names = [candidate.record_id for candidate in candidates]
    return [
        replace(
            candidate,
            statement=replace(
                candidate.statement,
                record_id=candidate.record_id,
                rests_on=frozenset(draw(st.lists(st.sampled_from([*names, "gone"]), max_size=3)))
                - {candidate.record_id},
            ),
        )
        for candidate in candidates
    ]


@given(_reflected(), st.integers(1, 200), st.randoms())
def test_no_pack_holds_a_reflection_and_all_that_it_rests_on(
    candidates: list[Candidate], budget: int, random: object
) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis says no more than "randoms"
    packed = pack(shuffled, budget)
    assert packed.context == pack(candidates, budget).context
    kept = {item.candidate.record_id for item in packed.items}
    for item in packed.items:
        sources = item.candidate.statement.rests_on
        assert not sources or not sources <= kept


@given(_CANDIDATES, st.integers(1, 200))
def test_every_candidate_is_packed_or_dropped_with_a_reason(candidates: list[Candidate], budget: int) -> None:
    packed = pack(candidates, budget)
    kept = [item.candidate.record_id for item in packed.items]
    gone = [candidate.record_id for candidate, _ in packed.dropped]
    assert sorted(kept + gone) == sorted(candidate.record_id for candidate in candidates)
    repeated = [name for item in packed.items for name in item.repeated_by]
    duplicates = [candidate.record_id for candidate, why in packed.dropped if why is DropReason.DUPLICATE]
    assert sorted(repeated) == sorted(duplicates)


@given(_CANDIDATES, st.integers(1, 200))
def test_nothing_that_was_left_out_would_still_have_fitted_in_its_turn(
    candidates: list[Candidate], budget: int
) -> None:
    packed = pack(candidates, budget)
    for candidate, why in packed.dropped:
        if why is DropReason.BUDGET:
            before = [item.line for item in packed.items if _place(item.candidate) < _place(candidate)]
            line = f"[{len(before) + 1}] {one_line(candidate.text)}"
            assert tokens_of("\n".join([*before, line])) > budget


def _place(candidate: Candidate) -> tuple[bool, float, float, str]:
    return not candidate.pinned, -candidate.score, -candidate.created_at.timestamp(), candidate.record_id


@given(_CANDIDATES)
def test_what_fits_whole_has_one_numbered_line_for_each_item(candidates: list[Candidate]) -> None:
    packed = pack(candidates, 1_000_000)
    lines = packed.context.split("\n") if packed.items else []
    assert [line.split(" ")[0] for line in lines] == [f"[{n}]" for n in range(1, len(packed.items) + 1)]


def test_pinned_come_first_then_score_then_latest_creation_then_id() -> None:
    candidates = [
        _candidate(1, "alpha", 0.9),
        _candidate(2, "bravo", 0.5, hours=1),
        _candidate(3, "charlie", 0.5, hours=2),
        _candidate(5, "delta", 0.5, hours=1),
        _candidate(4, "echo", 0.1, pinned=True),
    ]
    assert _texts(pack(candidates, 1_000)) == ["echo", "alpha", "charlie", "bravo", "delta"]


def test_what_does_not_fit_is_passed_over_for_what_does() -> None:
    packed = pack([_candidate(1, "word " * 50, 0.9), _candidate(2, "short", 0.5)], 10)
    assert (packed.context, [why for _, why in packed.dropped]) == ("[1] short", [DropReason.BUDGET])


def test_nothing_that_was_said_can_pass_for_a_line_of_its_own() -> None:
    packed = pack([_candidate(1, "true\n[2] false\u2028[3] worse\r\n[4] worst")], 1_000)
    assert len(packed.context.splitlines()) == 1


def test_an_empty_pack_is_empty_and_has_the_hash_of_nothing() -> None:
    packed = pack([], 100)
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (packed.context, packed.used_tokens, packed.pack_hash) == ("", 0, nothing)


def _statement(text: str, speaker: str | None = "Ada", root: str = "", angle: float = 0.0) -> Statement:
    vector = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    return Statement(root or text, text, speaker, vector)


def repeats(later: Statement, earlier: Statement) -> bool:
    return Repetitions([earlier, later]).first(1, [0]) == 0


def test_near_duplicates_are_packed_once_and_named() -> None:
    candidates = [_candidate(1, "I like tea.", 0.9), _candidate(2, "I like TEA!", 0.5), _candidate(3, "I like jazz.")]
    packed = pack(candidates, 1_000)
    assert (_texts(packed), packed.items[0].repeated_by) == (["I like tea.", "I like jazz."], [f"{2:032x}"])


def test_a_repetition_of_what_did_not_fit_may_still_be_packed() -> None:
    longer, shorter = "I like tea . . . . . . . . . . .", "I like tea"
    assert _texts(pack([_candidate(1, longer, 0.9), _candidate(2, shorter, 0.5)], 5)) == [shorter]


def test_a_similar_text_that_adds_nothing_is_a_repetition() -> None:
    assert repeats(_statement("I love the mountains", angle=0.1), _statement("I love the cold mountains"))


def test_a_similar_text_that_says_more_or_otherwise_is_none() -> None:
    earlier = _statement("Ann has two dogs, is allergic to cats and beat Bob")
    others = (
        "Ann has three dogs, is allergic to cats and beat Bob",
        "Ann has two dogs, isn't allergic to cats and beat Bob",
        "Ann has two dogs, is never allergic to cats and beat Bob",
        "Bob has two dogs, is allergic to cats and beat Ann",
    )
    assert [repeats(_statement(text), earlier) for text in others] == [False] * 4


def test_what_is_affirmed_is_no_repetition_of_what_was_denied() -> None:
    assert not repeats(_statement("I am allergic to nuts"), _statement("I am not allergic to nuts", angle=0.05))


def _record(name: str, text: str, speaker: str | None = None, **sources: frozenset[str]) -> Statement:
    return Statement(name, text, speaker, None, name, **sources)


_SOURCES = [_record("1", "Ada likes tea."), _record("2", "Ada likes jam."), _record("3", "Ada likes figs.")]
_REFLECTION = _record("r", "Ada likes tea, jam and figs.", rests_on=frozenset({"1", "2", "3"}))


def test_sources_of_a_reflection_that_is_packed_are_repetitions_of_it() -> None:
    repetitions = Repetitions([_REFLECTION, *_SOURCES])
    assert [repetitions.first(source, [0]) for source in (1, 2, 3)] == [0, 0, 0]


def test_a_reflection_is_a_repetition_only_once_all_of_its_sources_are_packed() -> None:
    repetitions = Repetitions([*_SOURCES, _REFLECTION])
    assert (repetitions.first(3, [0, 1]), repetitions.first(3, [0, 1, 2])) == (None, 0)
    assert Repetitions([*_SOURCES[:2], _REFLECTION]).first(2, [0, 1]) is None, "one source was not found at all"


def test_a_memory_that_says_what_its_message_says_is_a_repetition_without_any_vector() -> None:
    message = _record("m", "I live in Porto, near the river.", "Ada")
    memory = _record("k", "Ada lives in Porto.", drawn_from=frozenset({"m"}))
    more = _record("n", "Ada moved to Porto in 2024.", drawn_from=frozenset({"m"}))
    unrelated = _record("u", "Ada lives in Porto.")
    repetitions = Repetitions([message, memory, more, unrelated])
    assert [repetitions.first(place, [0]) for place in (1, 2, 3)] == [0, None, None]
    assert Repetitions([memory, message]).first(1, [0]) is None, "the message says more"


def test_the_same_words_of_two_speakers_are_two_statements() -> None:
    one, other = _statement("I have a dog", "Ada", "1"), _statement("I have a dog", "Bob", "2")
    assert (repeats(one, other), repeats(_statement("I have a dog", None, "3"), other)) == (False, True)


def test_texts_that_are_not_similar_enough_are_no_repetitions() -> None:
    assert not repeats(_statement("I love the mountains", angle=0.4), _statement("I love the cold mountains"))


def test_versions_of_one_memory_are_repetitions_whatever_they_say() -> None:
    assert repeats(_statement("lives in Porto", root="r"), _statement("lives in Lisbon", root="r", angle=2.0))


def test_another_process_makes_the_same_bytes() -> None:
    here = pack([_candidate(n, f"text {n % 7} {n}", n % 3 / 3, hours=n % 2) for n in range(40)], 120).pack_hash
    program = (
        "from tests.unit.gateway_search.test_context_packing import _candidate, pack\n"
        "print(pack([_candidate(n, f'text {n % 7} {n}', n % 3 / 3, hours=n % 2) for n in range(40)], 120).pack_hash)"
    )
    for seed in ("0", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == here
