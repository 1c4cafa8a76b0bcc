"""Any history of writes, in any order of arrival: every store ends where the one in memory does."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mneme_common.domain.vectors import Closing, Neighbour, Point, PointKey, RecordKind, Scope, VectorStore
from mneme_common.testing.vectors import InMemoryVectorStore
from tests.contract.vectors.points import (
    DIMENSION,
    EAST,
    HALFWAY,
    MODEL,
    NORTH,
    Store,
    closing,
    key,
    name,
    point,
    vector,
)

_EMBEDDINGS = (EAST, NORTH, HALFWAY, -HALFWAY, vector(0, 0, 1, 0), vector(0, 0, 0, 0))
_USERS = (("acme", "ada"), ("acme", "grace"), ("globex", "ada"))
_POSITIONS = range(1, 8)
_NUMBERS = range(1, 5)

Write = tuple[str, Sequence[Point] | Sequence[Closing] | Sequence[PointKey]]


@dataclass(frozen=True, slots=True)
class Owners:
    """The users of one example, whom no other example knows."""

    salt: str

    def scope(self, index: int) -> Scope:
        """The scope of user ``index``."""
        tenant_id, user_id = _USERS[index]
        return Scope(f"{tenant_id}-{self.salt}", user_id)


def _kind(number: int) -> RecordKind:
    return RecordKind.MESSAGE if number % 2 else RecordKind.MEMORY


@st.composite
def _points(draw: st.DrawFn, owners: Owners) -> Point:
    number, from_seq = draw(st.sampled_from(_NUMBERS)), draw(st.sampled_from(_POSITIONS))
    to_seq = draw(st.none() | st.integers(from_seq + 1, 9))
    scope, embedding = owners.scope(draw(st.integers(0, 2))), draw(st.sampled_from(_EMBEDDINGS))
    return point(number, embedding, scope=scope, kind=_kind(number), from_seq=from_seq, to_seq=to_seq)


@st.composite
def _closings(draw: st.DrawFn, owners: Owners) -> Closing:
    number, scope = draw(st.sampled_from(_NUMBERS)), owners.scope(draw(st.integers(0, 2)))
    return closing(number, draw(st.integers(2, 9)), scope=scope, kind=_kind(number))


@st.composite
def _keys(draw: st.DrawFn, owners: Owners) -> PointKey:
    return key(draw(st.sampled_from(_NUMBERS)), owners.scope(draw(st.integers(0, 2))))


@st.composite
def _histories(draw: st.DrawFn) -> tuple[Owners, list[Write]]:
    owners = Owners(uuid.uuid4().hex[:8])
    upserts = st.tuples(st.just("upsert"), st.lists(_points(owners), max_size=5))
    closings = st.tuples(st.just("close"), st.lists(_closings(owners), max_size=4))
    removals = st.tuples(st.just("remove"), st.lists(_keys(owners), max_size=2))
    return owners, draw(st.lists(upserts | closings | removals, max_size=8))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=_histories())
async def test_every_history_ends_as_it_does_in_memory(store: Store, history: tuple[Owners, list[Write]]) -> None:
    owners, writes = history
    model = InMemoryVectorStore()
    await model.register(MODEL, DIMENSION)
    for target in (model, store):
        for write, items in writes:
            await getattr(target, write)(items)
    for scope, as_of in itertools.product(map(owners.scope, range(3)), (None, *_POSITIONS)):
        assert await _answers(store, scope, as_of) == await _answers(model, scope, as_of)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=_histories())
async def test_delivering_a_history_twice_changes_nothing_but_removals(
    store: Store, history: tuple[Owners, list[Write]]
) -> None:
    owners, writes = history
    writes = [(write, items) for write, items in writes if write != "remove"]
    for write, items in writes:
        await getattr(store, write)(items)
    present = [await _open_points(store, owners.scope(index)) for index in range(3)]
    for write, items in writes:
        await getattr(store, write)(items)
    assert [await _open_points(store, owners.scope(index)) for index in range(3)] == present


async def _answers(store: VectorStore, scope: Scope, as_of: int | None) -> list[list[Neighbour]]:
    return [
        await store.nearest(scope, MODEL, HALFWAY, 10, as_of=as_of),
        await store.nearest(scope, MODEL, EAST, 2, as_of=as_of, kinds={RecordKind.MEMORY}),
        await store.nearest(scope, MODEL, EAST, 2, as_of=as_of, allowed={name(1001), name(1004)}),
    ]


async def _open_points(store: VectorStore, scope: Scope) -> set[int]:
    return {neighbour.point_id.int for neighbour in await store.nearest(scope, MODEL, EAST, 10)}
