from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from mneme_common.domain.records import Memory, Message
from mneme_common.domain.text import term
from mneme_common.domain.vectors import Vectors
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.search.index import UserIndex, View
from mneme_gateway.search.pages import IndexPages
from mneme_gateway.search.tokens import term_id
from mneme_gateway.search.users import HotUsers
from tests.integration.gateway_search.conftest import Store
from tests.integration.gateway_search.written import SCOPE, RecordWriter, fill

_WORDS = ("tree", "river", "Lisbon", "cat", "cats", "house", "running", "ran", "café", "猫", "the", "2024", "don't")
_QUERIES = ("yellow cat in Lisbon", "running house", "2024 café", "tree tree river")
_LARGE = 1 << 28


def _users(store: Store, budget: int = _LARGE) -> HotUsers:
    return HotUsers(IndexPages(store.reader), budget)


def _state(view: View) -> dict[str, object]:
    """Everything that a ranking can depend on, whatever the documents' numbers are."""
    documents = view.documents
    labels = view.labels.texts
    scores = [view.bm25(query, view.live, Bm25Parameters()) for query in _QUERIES]
    rows = {
        (view.record_id(place).hex, int(documents.revision[place])): (
            *(labels[getattr(documents, name)[place]] for name in ("role", "name", "session", "namespace")),
            *(labels[getattr(documents, name)[place]] for name in ("memory_kind", "memory_type", "tier")),
            *(getattr(documents, name)[place].item() for name in ("point", "kind", "position", "archived")),
            *(getattr(documents, name)[place].item() for name in ("importance", "confidence", "content", "length")),
            *(getattr(documents, name)[place].item() for name in ("occurred_at", "created_at", "expires_at")),
            *(of_query[place].item() for of_query in scores),
        )
        for place in np.flatnonzero(view.live).tolist()
    }
    return {"position": view.position, "rows": rows}


class RandomLife:
    """A user to whom arbitrary things happen."""

    def __init__(self, seed: int, records: RecordWriter, scope: Scope) -> None:
        self._dice = random.Random(seed)
        self._records = records
        self._scope = scope
        self._messages: list[Message] = []
        self._memories: list[Memory] = []

    async def goes_on(self, events: int) -> None:
        for _ in range(events):
            await self._dice.choice(
                (self._says, self._says, self._revises, self._deletes, self._learns, self._forgets)
            )()

    async def _says(self) -> None:
        session = f"s{self._dice.randrange(3)}"
        self._messages.append(
            await self._records.record(self._text(), self._scope, conversation_id=session, name="Ada")
        )

    async def _revises(self) -> None:
        if self._messages:
            place, archived = self._dice.randrange(len(self._messages)), self._dice.random() < 0.2
            self._messages[place] = await self._records.update(
                self._messages[place], content=self._text(), archived=archived
            )
        if self._memories:
            place = self._dice.randrange(len(self._memories))
            self._memories[place] = await self._records.revise(
                self._memories[place], content=self._text(), importance=0.7
            )

    async def _deletes(self) -> None:
        if self._messages:
            await self._records.delete(self._messages.pop(self._dice.randrange(len(self._messages))))

    async def _learns(self) -> None:
        self._memories.append(await self._records.remember(self._text(), self._scope, session_id="s1", tags=["a"]))

    async def _forgets(self) -> None:
        if self._memories:
            await self._records.forget(self._memories.pop(self._dice.randrange(len(self._memories))))

    def _text(self) -> str:
        return " ".join(self._dice.choices(_WORDS, k=self._dice.randrange(9)))


@pytest.mark.parametrize("seeds", [range(6), range(6, 12)], ids=["six lives", "six more"])
async def test_a_hot_index_equals_a_cold_one_after_any_history(store: Store, seeds: range) -> None:
    for seed in seeds:
        await _live_through(store, seed)


async def _live_through(store: Store, seed: int) -> None:
    users, scope, dice = _users(store), Scope("acme", f"user{seed}"), random.Random(seed)
    life = RandomLife(seed, store.records, scope)
    hot_then: list[dict[str, object]] = []
    for _ in range(6):
        await life.goes_on(dice.randrange(12))
        hot = _state(await users.view(scope))
        assert hot == _state(await _users(store).view(scope))
        hot_then.append(hot)
    for then in hot_then:
        position = then["position"]
        assert isinstance(position, int)
        assert _state(await users.view_at(scope, position)) == then


async def test_a_write_is_seen_by_the_next_search(store: Store) -> None:
    users = _users(store)
    for count in range(1, 30):
        await store.records.record(f"message {count}")
        view = await users.view(SCOPE)
        assert (view.position, int(view.live.sum())) == (count, count)


async def test_searches_at_once_see_all_that_was_written_before_them(store: Store) -> None:
    users, written = _users(store), 0

    async def write() -> None:
        nonlocal written
        for number in range(60):
            await store.records.record(f"message {number}")
            written += 1

    async def search() -> None:
        while written < 60:
            before = written
            view = await users.view(SCOPE)
            assert view.position >= before
            assert int(view.live.sum()) == view.position

    await asyncio.gather(write(), *(search() for _ in range(8)))
    assert (await users.view(SCOPE)).position == 60


async def test_two_gateways_see_each_write_at_once(store: Store) -> None:
    one, other = _users(store), _users(store)
    for number in range(10):
        await store.records.record(f"message {number}")
        assert _state(await one.view(SCOPE)) == _state(await other.view(SCOPE))


async def test_an_index_whose_refresh_broke_off_midway_is_built_anew(store: Store) -> None:
    pages = BreakablePages(IndexPages(store.reader))
    users = HotUsers(cast("IndexPages", pages), _LARGE)
    await fill(store.writer, SCOPE, 10)
    await users.view(SCOPE)
    await fill(store.writer, SCOPE, 2000)
    pages.breaks = True
    with pytest.raises(ConnectionError):
        await users.view(SCOPE)
    pages.breaks = False
    assert _state(await users.view(SCOPE)) == _state(await _users(store).view(SCOPE))


class BreakablePages:
    """Reads what is there, and then loses the connection before all is in."""

    def __init__(self, pages: IndexPages) -> None:
        self._pages = pages
        self.breaks = False

    async def extend(self, index: UserIndex, scope: Scope, at: int | None = None) -> bool:
        done = await self._pages.extend(index, scope, at)
        if self.breaks:
            index.is_settled = False
            raise ConnectionError("away")
        return done


async def test_a_long_history_is_read_page_by_page(store: Store) -> None:
    users = _users(store)
    await fill(store.writer, SCOPE, 2500)
    view = await users.view(SCOPE)
    assert (view.position, int(view.live.sum())) == (2500, 2500)
    await fill(store.writer, SCOPE, 1500)
    grown, built = await users.view(SCOPE), await _users(store).view(SCOPE)
    assert _state(grown) == _state(built)
    assert grown.position == 4000


async def test_the_least_recently_searched_user_leaves_when_memory_runs_out(store: Store) -> None:
    ada, bob, eve = (Scope("acme", name) for name in ("ada", "bob", "eve"))
    for scope in (ada, bob, eve):
        await fill(store.writer, scope, 200)
    users = _users(store)
    await users.view(ada)
    users = _users(store, budget=int(users.nbytes * 2.5))
    for scope in (ada, bob, ada, eve):
        await users.view(scope)
    assert users.scopes() == [ada, eve]
    assert users.nbytes <= users.budget


async def test_a_user_too_large_for_the_budget_is_answered_and_not_kept(store: Store) -> None:
    small = Scope("acme", "small")
    await fill(store.writer, small, 10)
    await fill(store.writer, SCOPE, 2000)
    users = _users(store, budget=100_000)
    await users.view(small)
    for _ in range(2):
        assert int((await users.view(SCOPE)).live.sum()) == 2000
    assert users.scopes() == [small]


async def test_a_worn_index_is_built_anew(store: Store) -> None:
    users = _users(store)
    await fill(store.writer, SCOPE, 1200)
    await users.view(SCOPE)
    async with store.writer.transaction([SCOPE.tenant_id]) as connection:
        await connection.execute("UPDATE messages SET to_seq = 1201 WHERE from_seq <= 1100")
        await connection.execute("UPDATE heads SET head_seq = 1201")
    assert int((await users.view(SCOPE)).live.sum()) == 100
    view = await users.view(SCOPE)
    assert (len(view.documents), int(view.live.sum())) == (100, 100)


async def test_a_ledger_that_ends_earlier_than_the_index_is_another_one(store: Store) -> None:
    users = _users(store)
    await fill(store.writer, SCOPE, 20)
    await users.view(SCOPE)
    async with store.writer.transaction([SCOPE.tenant_id]) as connection:
        await connection.execute("DELETE FROM messages WHERE from_seq > 5")
        await connection.execute("UPDATE heads SET head_seq = 5")
    view = await users.view(SCOPE)
    assert (view.position, int(view.live.sum())) == (5, 5)


async def test_nothing_of_another_user_or_tenant_is_in_an_index(store: Store) -> None:
    for scope in (Scope("acme", "ada"), Scope("acme", "bob"), Scope("other", "ada")):
        await store.records.record(f"{scope.tenant_id} {scope.user_id}", scope)
    view = await _users(store).view(SCOPE)
    assert view.bm25("acme ada", view.live, Bm25Parameters()).shape == (1,)
    assert (await _users(store).view(Scope("acme", "nobody"))).position == 0


class Alike:
    """Word vectors for which every word means the same."""

    def of_terms(self, terms: Sequence[str]) -> Vectors:
        """One unit row a term."""
        return np.ones((len(terms), 1), dtype=np.float32)


async def test_the_words_that_an_erased_user_taught_are_forgotten_with_his_index(store: Store) -> None:
    await store.records.record("quillfeather zanzibarium")
    users = HotUsers(IndexPages(store.reader), _LARGE, words=Alike())
    await users.view(SCOPE)
    taught = {term_id(term("quillfeather")), term_id(term("zanzibarium"))}
    assert taught <= set(users.vocabulary.related("tea", term_id("tea")).terms.tolist())
    users.forget()
    assert users.vocabulary.related("tea", term_id("tea")).terms.tolist() == [term_id("tea")]
    await users.view(SCOPE)
    assert taught <= set(users.vocabulary.related("tea", term_id("tea")).terms.tolist())
