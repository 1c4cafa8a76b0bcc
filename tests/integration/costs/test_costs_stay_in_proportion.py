"""What a message costs each stage, as a multiple of work that does not change: a guard against a loss by half.

CPU of this process, the least of several rounds, in proportion to a yardstick measured in the same rounds; so neither
the machine nor what else it does matters. The limits are twice what was measured when they were set.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from itertools import cycle, islice

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.topics import COMMANDS
from mneme_common.domain.privacy_policy import PrivacyPolicy
from mneme_common.domain.scrubbing import Scrubber
from mneme_common.runtime.stage import ignore
from mneme_extractor.decide.recall import may_recall
from mneme_extractor.decide.rule_extraction import extract
from mneme_extractor.decide.utterance import Utterance
from mneme_gateway.auth.caller import Scope
from mneme_gateway.schemas.messages import MessageIn
from mneme_gateway.writing.events import Attempt, Write, make_event
from mneme_gateway.writing.messages import recorded_data
from mneme_gateway.writing.scrubbing import scrubbed
from mneme_resolver.changes import ChangesOfEvents
from mneme_resolver.handlers.apply_events import ApplyEvents
from mneme_resolver.store.event_store import PostgresEventStore
from tests.bench.dialogue import turns_of
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.dialogue import DIALOGUE
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import command, said

_ROUNDS, _MESSAGES = 5, 100
_LIMITS = {"gateway": 1.7, "resolver": 5.4, "extractor": 6.2}
_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_ATTEMPT = Attempt("messages.record_batch", None, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", 0.0)
_TEXTS = list(islice(cycle(turns_of(DIALOGUE)), _MESSAGES))


async def _yardstick() -> None:
    for text in _TEXTS:
        for _ in range(10):
            json.loads(json.dumps({"role": "user", "content": text, "at": [1, 2.5, None, True]}))


async def _gateway() -> None:
    """From the body of a request to the events that go on the log."""
    body = {"messages": [{"role": "user", "content": text} for text in _TEXTS]}
    for item in body["messages"]:
        message = MessageIn.model_validate(item)
        write = scrubbed(Write(Scope("acme", "ann"), "message.record", recorded_data(message), item), _scrubber())
        assert isinstance(write, Write)
        make_event(_ATTEMPT, write)


async def _extractor() -> None:
    for text in _TEXTS:
        may_recall(text, None)
        extract(Utterance(text, "user", None, _NOW))


def _scrubber() -> Scrubber:
    return Scrubber(PrivacyPolicy(), b"key")


@pytest.fixture
async def resolver(database: MnemeDatabase) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """From records of the log to rows and changes, a batch each time."""
    connected = Database(database.writer_url, name="cost-test", by_key=True)
    await connected.open()
    keys = subject_keys()
    store = PostgresEventStore(database=connected, keys=keys, clock=lambda: datetime.now(UTC), checkpoint=ignore)
    stage = ApplyEvents(store, ChangesOfEvents(lambda: _NOW))
    made = (command(said(text)) for _ in range(_ROUNDS) for text in _TEXTS)
    records = iter([Record("i", COMMANDS, 0, n, 0, one.key, one.value, one.headers) for n, one in enumerate(made)])

    async def batch() -> None:
        events = [event for record in islice(records, _MESSAGES) if (event := stage.decode(record)) is not None]
        assert len((await stage.apply(events)).outgoing) == _MESSAGES
        await stage.mark_emitted(events)

    yield batch
    await connected.close()


async def test_no_stage_costs_twice_what_it_did(resolver: Callable[[], Awaitable[None]]) -> None:
    work = {"yardstick": _yardstick, "gateway": _gateway, "resolver": resolver, "extractor": _extractor}
    least = dict.fromkeys(work, float("inf"))
    gc.collect()
    gc.disable()
    try:
        for _ in range(_ROUNDS):
            for name, act in work.items():
                started = time.process_time()
                await act()
                least[name] = min(least[name], time.process_time() - started)
    finally:
        gc.enable()
    multiples = {name: least[name] / least["yardstick"] for name in _LIMITS}
    assert not {name: multiple for name, multiple in multiples.items() if multiple > _LIMITS[name]}
