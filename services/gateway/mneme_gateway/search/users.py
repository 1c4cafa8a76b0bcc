"""The users whose index is kept, the least recently asked for leaving first when memory runs out."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from mneme_common.domain.text import forget_words
from mneme_common.domain.vectors import Scope as VectorScope
from mneme_gateway.auth.caller import Scope
from mneme_gateway.search.embeddings import StoredVectors
from mneme_gateway.search.index import UserIndex, View
from mneme_gateway.search.pages import IndexPages
from mneme_gateway.search.shared import SharedRun
from mneme_gateway.search.tokens import Tokeniser
from mneme_gateway.search.vocabulary import Vocabulary, WordVectors

_LOADS_AT_ONCE = 2


class HotUsers:
    """Indexes within ``budget`` bytes. A user who exceeds it alone is built anew for each query and not kept."""

    def __init__(
        self,
        pages: IndexPages,
        budget: int,
        vectors: StoredVectors | None = None,
        words: WordVectors | None = None,
    ) -> None:
        self._pages = pages
        self.budget = budget
        self._vectors = vectors
        self._words = words
        self._learn_anew()
        self._users: OrderedDict[Scope, _HotUser] = OrderedDict()
        self._loads = asyncio.Semaphore(_LOADS_AT_ONCE)
        self.nbytes = 0

    def has(self, scope: Scope) -> bool:
        """Whether the user's index is kept."""
        return scope in self._users

    def forget(self) -> None:
        """Drops every index, and the words that all of them taught: somebody has been erased.

        An index that is being built meanwhile goes on with the old words, and with them when it is answered.
        """
        self._users.clear()
        self.nbytes = 0
        self._learn_anew()
        forget_words()

    def scopes(self) -> list[Scope]:
        """Whose index is kept, the next to leave first."""
        return list(self._users)

    async def view(self, scope: Scope) -> View:
        """The user's index with everything in it that was written before this call."""
        user = self._users.get(scope)
        if user is None:
            user = self._users[scope] = _HotUser(self, scope)
        self._users.move_to_end(scope)
        return await user.shared.result()

    async def view_at(self, scope: Scope, position: int) -> View:
        """The same index as it was at a position: built from PostgreSQL, and thrown away after use."""
        index = UserIndex(self._tokeniser)
        async with self._loads:
            await self._pages.extend(index, scope, position)
            await self._complete(index, scope, all_of_them=True)
        return index.view()

    def _learn_anew(self) -> None:
        self.vocabulary = Vocabulary(self._words)
        self._tokeniser = Tokeniser(self.vocabulary.note)

    async def refresh(self, user: _HotUser) -> View:
        """Reads what was written since; a user whose index cannot be read on is loaded anew."""
        if user.index is None or not await self._read_on(user, user.index):
            await self._load(user)
        if user.index is None:
            raise RuntimeError("a load sets the index")
        await self._complete(user.index, user.scope, all_of_them=False)
        view = user.index.view()
        self._account(user, user.index)
        return view

    async def _read_on(self, user: _HotUser, index: UserIndex) -> bool:
        try:
            return await self._pages.extend(index, user.scope)
        finally:
            if not index.is_settled:
                user.index = None

    async def _load(self, user: _HotUser) -> None:
        index = UserIndex(self._tokeniser)
        async with self._loads:
            await self._pages.extend(index, user.scope)
            await self._complete(index, user.scope, all_of_them=True)
        user.index = index

    async def _complete(self, index: UserIndex, scope: Scope, *, all_of_them: bool) -> None:
        """Reads the vectors that the index lacks; it stays as it is while the store is away."""
        missing = index.points_without_vectors()
        if self._vectors is None or not missing:
            index.is_without_vectors = False
            return
        owner = VectorScope(scope.tenant_id, scope.user_id)
        found = await self._vectors.read(owner, list(missing), all_of_them=all_of_them)
        index.is_without_vectors = found is None
        if found:
            index.take_vectors([missing[point] for point in found], list(found.values()))

    def _account(self, user: _HotUser, index: UserIndex) -> None:
        """Counts what the index takes now, and makes room."""
        if index.is_worn:
            user.index = None
        if self._users.get(user.scope) is not user:
            return
        size = index.nbytes
        self.nbytes += size - user.nbytes
        user.nbytes = size
        if size > self.budget:
            self._users.move_to_end(user.scope, last=False)
        while self.nbytes > self.budget:
            _, evicted = self._users.popitem(last=False)
            self.nbytes -= evicted.nbytes


class _HotUser:
    """A user's index, and the one task at a time that changes it."""

    def __init__(self, users: HotUsers, scope: Scope) -> None:
        self.scope = scope
        self.index: UserIndex | None = None
        self.nbytes = 0
        self.shared = SharedRun(lambda: users.refresh(self))
