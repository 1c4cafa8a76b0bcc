"""Which messages are sent together: always the same ones, under the same key, each user's in order."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mneme_cli.sources.turns import Turn
from mneme_cli.transfer.batches import BATCH_SIZE, LANES, Batch, batches
from mneme_cli.transfer.checkpoint import Checkpoint

USERS = st.lists(st.integers(0, 20), max_size=700)


def _turns(users: list[int]) -> list[Turn]:
    return [
        Turn({"role": "user", "content": f"message {number}"}, f"line {number}", f"u{user}")
        for number, user in enumerate(users)
    ]


def _batch(number: int, size: int, lane: int = 0) -> Batch:
    return Batch(lane, number, tuple(_turns([1] * size)))


@given(USERS)
def test_every_turn_is_in_one_batch_and_no_batch_is_too_large(users: list[int]) -> None:
    made = list(batches(_turns(users)))
    sent = sorted(turn.place for batch in made for turn in batch.turns)
    assert sent == sorted(turn.place for turn in _turns(users))
    assert all(0 < len(batch.turns) <= BATCH_SIZE and batch.lane < LANES for batch in made)


@given(USERS)
def test_a_users_turns_keep_their_order_in_one_lane(users: list[int]) -> None:
    turns = _turns(users)
    for user in {turn.user_id for turn in turns}:
        of_user = [(batch.lane, turn) for batch in batches(turns) for turn in batch.turns if turn.user_id == user]
        assert [turn for _, turn in of_user] == [turn for turn in turns if turn.user_id == user]
        assert len({lane for lane, _ in of_user}) == 1


@given(USERS, st.integers(0, 700))
def test_a_file_that_is_cut_off_makes_the_beginning_of_the_same_batches(users: list[int], cut: int) -> None:
    whole = {(batch.lane, batch.number): batch.turns for batch in batches(_turns(users))}
    for batch in batches(_turns(users)[:cut]):
        assert whole[batch.lane, batch.number][: len(batch.turns)] == batch.turns


def test_batches_of_a_lane_are_numbered_without_gaps() -> None:
    made = sorted((batch.lane, batch.number) for batch in batches(_turns([1, 2, 3] * 300)))
    for _, of_lane in groupby(made, key=lambda place: place[0]):
        numbers = [number for _, number in of_lane]
        assert numbers == list(range(len(numbers)))


def test_messages_that_are_large_travel_in_smaller_batches() -> None:
    turns = [Turn({"role": "user", "content": "x" * 100_000}, f"line {number}") for number in range(100)]
    assert max(len(batch.turns) for batch in batches(turns)) < 50


def test_a_key_depends_on_the_import_and_the_place_alone() -> None:
    key = _batch(0, 3).key("file")
    others = {_batch(1, 3).key("file"), _batch(0, 3, lane=1).key("file"), _batch(0, 3).key("another")}
    assert (key == _batch(0, 7).key("file"), key in others, len(others)) == (True, False, 3)


def test_a_checkpoint_knows_what_was_done_when_it_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "imports" / "one.json"
    Checkpoint(path).mark(_batch(2, BATCH_SIZE), "m-1", "ada")
    mark = Checkpoint(path).lanes[0]
    assert [mark.covers(_batch(number, BATCH_SIZE)) for number in range(5)] == [True, True, True, False, False]


def test_a_last_batch_that_has_grown_is_not_done(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "one.json")
    checkpoint.mark(_batch(0, 40), "m-1", None)
    mark = checkpoint.lanes[0]
    assert (mark.covers(_batch(0, 40)), mark.covers(_batch(0, 41))) == (True, False)


def test_a_checkpoint_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('{"0": {"batches": ')
    assert Checkpoint(path).lanes == {}
