"""The clients. They differ in one thing: what ``Mneme`` returns, ``AsyncMneme`` lets you await."""

from __future__ import annotations

from types import TracebackType
from typing import Self, Unpack

import httpx

from mneme.calls import dialogue, memories, revisions, subjects
from mneme.calls.extraction import Extraction
from mneme.calls.health import health
from mneme.calls.journal import Journal
from mneme.calls.keys import Keys
from mneme.calls.memories import Memories
from mneme.calls.messages import Messages
from mneme.calls.operations import Operations
from mneme.calls.operator import DeadLetterVerbs, Jobs, audit, replay_verify, rewrap_keys, run_retention, status
from mneme.calls.reembedding import ReembeddingVerbs
from mneme.calls.reflection import reflect
from mneme.calls.schemas import SchemaVerbs, record
from mneme.calls.search import context, search
from mneme.options import Settings, changed_options, checked_url, new_options, url_from_environment
from mneme.runners import AsyncConnection, AsyncRunner, SyncConnection, SyncRunner
from mneme.verbs import Group, R, Verb


class Client(Group[R]):
    """The verbs of both clients: those of mem0 with aliases, those of operators, and groups of the API's own."""

    add = Verb(dialogue.add)
    search = Verb(search)
    context = Verb(context)
    get = Verb(memories.get)
    get_all = Verb(memories.get_all)
    delete = Verb(memories.delete)
    update = Verb(revisions.update)
    correct = Verb(revisions.correct)
    teach = Verb(revisions.teach)
    record = Verb(record)
    history = Verb(memories.history)
    decision = Verb(memories.decision)
    undo = Verb(memories.undo)
    observe = Verb(dialogue.observe)
    health = Verb(health)
    status = Verb(status)
    replay_verify = Verb(replay_verify)
    run_retention = Verb(run_retention)
    rewrap_keys = Verb(rewrap_keys)
    reflect = Verb(reflect)
    audit = Verb(audit)
    erase = Verb(subjects.erase)
    export = Verb(subjects.export)
    rectify = Verb(subjects.rectify)

    remember = add
    recall = search
    forget = delete

    def __init__(self, runner: R) -> None:
        super().__init__(runner)
        self.messages = Messages(runner)
        self.memories = Memories(runner)
        self.operations = Operations(runner)
        self.keys = Keys(runner)
        self.dead_letters = DeadLetterVerbs(runner)
        self.jobs = Jobs(runner)
        self.extraction = Extraction(runner)
        self.reembedding = ReembeddingVerbs(runner)
        self.schemas = SchemaVerbs(runner)
        self.journal = Journal(runner)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.runner.connection.url!r})"


class Mneme(Client[SyncRunner]):
    """A client that blocks; safe to share between threads. Connects with the first call.

    ``url``: absent, MNEME_URL, else http://127.0.0.1 at MNEME_HTTP_PORT or 8000. The other settings are those of
    ``mneme.options.Settings``. Raises ValueError when the URL names no server.
    """

    def __init__(
        self, url: str | None = None, *, transport: httpx.BaseTransport | None = None, **settings: Unpack[Settings]
    ) -> None:
        connection = SyncConnection(checked_url(url or url_from_environment()), transport)
        super().__init__(SyncRunner(new_options(settings), connection))

    def with_options(self, **settings: Unpack[Settings]) -> Mneme:
        """A client with other settings over the same connections; closing one closes both."""
        other = Mneme.__new__(Mneme)
        Client.__init__(other, SyncRunner(changed_options(self.runner.options, settings), self.runner.connection))
        return other

    def close(self) -> None:
        """Ends the connections."""
        self.runner.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncMneme(Client[AsyncRunner]):
    """The same client for one event loop: every verb is awaited."""

    def __init__(
        self, url: str | None = None, *, transport: httpx.AsyncBaseTransport | None = None, **settings: Unpack[Settings]
    ) -> None:
        connection = AsyncConnection(checked_url(url or url_from_environment()), transport)
        super().__init__(AsyncRunner(new_options(settings), connection))

    def with_options(self, **settings: Unpack[Settings]) -> AsyncMneme:
        """A client with other settings over the same connections; closing one closes both."""
        other = AsyncMneme.__new__(AsyncMneme)
        Client.__init__(other, AsyncRunner(changed_options(self.runner.options, settings), self.runner.connection))
        return other

    async def close(self) -> None:
        """Ends the connections."""
        await self.runner.connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()
