"""Models that are away, tokens that are spent, answers that are kept: on a real database and over real HTTP."""

from __future__ import annotations

import json

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.domain.model_breaker import BreakerState
from mneme_common.testing.openai_server import Answer, Failure, Silent
from mneme_gateway.auth.caller import Scope
from mneme_gateway.reading.extractions import ExtractionReader
from tests.fixtures.databases import MnemeDatabase
from tests.integration.extractor.waiting import World, answering, extracting


def _fails_for(word: str, world: World) -> None:
    """The endpoint is in trouble with whatever holds the word."""
    world.server.reply = lambda body: (
        Failure(503, "overloaded") if word in json.dumps(body["messages"]) else answering(body)
    )


async def test_a_question_is_paid_for_once_in_a_tenant(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        await world.say("I love tea.")
        await world.say("I love tea.", user="bob")
        await world.say("I love tea.", tenant="other")
        assert len(world.server.requests) == 2
        assert world.read(user="bob") == world.read() == world.read(tenant="other") == [["The user likes tea."]]
        owners = world.rows.all("SELECT tenant_id, user_id FROM model_answers ORDER BY 1")
    assert [(row["tenant_id"], row["user_id"]) for row in owners] == [("acme", "ann"), ("other", "ann")]
    async with extracting(database) as restarted:
        await restarted.say("I love tea.", first=2)
        assert restarted.server.requests == []
        assert restarted.read() == [["The user likes tea."]]


async def test_an_answer_that_cannot_be_used_is_not_kept(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.server.script.extend([Answer("nonsense"), Answer("nonsense")])
        await world.say("I love tea.")
        assert world.rows.value("SELECT count(*) FROM model_answers") == 0
        assert world.rows.value("SELECT requests FROM model_usage") == 2, "of no use, and paid for"


async def test_kept_answers_are_bounded_and_the_oldest_go(database: MnemeDatabase) -> None:
    async with extracting(database, most=5) as world:
        await world.say(*(f"I love hobby{number}." for number in range(100)))
        kept = world.rows.all("SELECT answer FROM model_answers")
    assert len(kept) == 5
    assert any("hobby99" in row["answer"] for row in kept)


async def test_nothing_is_kept_of_a_user_who_was_erased(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.rows.all(
            "INSERT INTO subject_keys (tenant_id, user_id, created_at, erased_at)"
            " VALUES ('acme', 'ann', now(), now()) RETURNING 1"
        )
        await world.say("I love tea.")
        assert world.rows.value("SELECT count(*) FROM model_answers") == 0


async def test_while_a_model_is_away_its_tenant_waits_and_the_others_go_on(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        _fails_for("rain", world)
        await world.say("I love rain.", "I love tea.", "I love jam.")
        assert world.read() == []
        await world.say("I love tea.", tenant="other")
        assert world.read(tenant="other") == [["The user likes tea."]]
        await world.say("I love snow.", user="bob")
        assert world.waiting() == {"ann": 3, "bob": 1}, "the breaker is the tenant's"
        assert world.model.endpoint.breakers.count(BreakerState.OPEN) == 1
        assert world.rows.value("SELECT count(*) FROM dead_letters") == 0
        asked = len(world.server.requests)
        world.are_due()
        await world.resuming.once(world.emit)
        assert len(world.server.requests) == asked, "an open breaker asks nothing"
        assert world.waiting() == {"ann": 3, "bob": 1}


async def test_who_asks_for_a_message_is_told_that_its_extraction_waits_and_why(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.server.script.append(Failure(503))
        await world.say("I love rain.")
        waiting = world.rows.all("SELECT message_id, retry_at FROM postponed_extractions")[0]
        shown = await ExtractionReader(world.pool).of_message(Scope("acme", "ann"), waiting["message_id"])
    assert (shown.status, shown.reason, shown.retry_at) == ("postponed", "model_away", waiting["retry_at"])


async def test_once_the_model_is_back_everything_is_read_in_order(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.server.script.append(Failure(503))
        await world.say("I love rain.", "I love tea.")
        await world.say("I love jam.", first=3)
        assert world.waiting() == {"ann": 3}
        world.model.endpoint.breakers.succeeded("acme")  # its second is over
        world.are_due()
        assert await world.resuming.once(world.emit)
        assert world.read() == [["The user likes rain."], ["The user likes tea."], ["The user likes jam."]]
        assert world.waiting() == {}
        assert not await world.resuming.once(world.emit)
        await world.say("I love snow.", first=4)
        assert world.read()[-1] == ["The user likes snow."]


async def test_a_user_is_in_one_workers_hands_at_a_time(database: MnemeDatabase) -> None:
    async with extracting(database) as world, extracting(database) as other:
        world.server.script.append(Failure(503))
        await world.say("I love rain.")
        world.are_due()
        first = await world.resuming.room.claim(8, 60.0, [])
        assert [subject.user_id for subject in first] == ["ann"]
        assert await other.resuming.room.claim(8, 60.0, []) == []


async def test_a_message_that_waited_and_cannot_be_read_is_buried_alone(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.server.script.extend([Failure(503), Answer("nonsense"), Answer("nonsense")])
        await world.say("I love rain.", "I love tea.")
        world.model.endpoint.breakers.succeeded("acme")
        world.are_due()
        await world.resuming.once(world.emit)
        assert world.read() == [["The user likes tea."]]
        (letter,) = world.rows.all("SELECT stage, reason, topic, value FROM dead_letters")
        assert (letter["stage"], letter["reason"]) == ("extractor", "invalid_model_output")
        assert b"I love rain." in bytes(letter["value"])
        assert world.waiting() == {}


async def test_words_that_were_deleted_while_they_waited_are_not_read(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.server.script.append(Failure(503))
        await world.say("I love rain.")
        world.rows.all("UPDATE messages SET to_seq = 9 RETURNING 1")
        world.model.endpoint.breakers.succeeded("acme")
        world.are_due()
        await world.resuming.once(world.emit)
        assert len(world.server.requests) == 1
        assert world.waiting() == {}


async def test_a_tenant_over_its_budget_waits_until_there_is_more(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.budget(daily_tokens=1)
        await world.say("I love tea.", "I love jam.")
        assert world.read() == [["The user likes tea."]], "what was begun within the budget is finished"
        assert world.rows.all("SELECT reason FROM postponed_extractions") == [{"reason": "over_budget"}]
        await world.say("I love rain.", tenant="other")
        assert world.read(tenant="other") == [["The user likes rain."]]
        world.are_due()
        await world.resuming.once(world.emit)
        assert world.waiting() == {"ann": 1}
        world.now = world.now.replace(day=2)
        world.are_due()
        await world.resuming.once(world.emit)
        assert world.read()[1] == ["The user likes jam."]


async def test_a_tenant_over_its_budget_gets_the_rules_if_it_wants_them(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.budget(monthly_tokens=1, over_budget="rules")
        await world.say("I love tea.", "I live in Berlin.")
        assert world.read() == [["The user likes tea."], ["The user lives in Berlin."]]
        assert (len(world.server.requests), world.waiting()) == (1, {})


async def test_what_was_answered_before_costs_no_budget(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        await world.say("I love tea.")
        world.budget(daily_tokens=0)
        await world.say("I love tea.", user="bob")
        assert world.read(user="bob") == [["The user likes tea."]]


async def test_a_model_that_never_answers_opens_the_breaker_too(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        object.__setattr__(world.model.endpoint, "_limit_seconds", 0.2)
        world.server.script.append(Silent())
        await world.say("I love tea.")
        assert world.waiting() == {"ann": 1}


@pytest.mark.parametrize("table", ["model_answers", "model_usage", "postponed_extractions"])
async def test_no_tenant_sees_anothers_rows(table: str, database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        await world.say("I love tea.")
        world.server.script.append(Failure(503))
        await world.say("I love rain.", first=2)
        assert world.rows.value(f"SELECT count(*) FROM {table}") == 1
        for url in (database.writer_url, database.reader_url):
            pool = Database(url, name="other", size=1)
            await pool.open()
            try:
                if table == "model_answers" and url == database.reader_url:
                    continue  # the gateway may not read it at all
                async with pool.transaction(["other"]) as connection:
                    cursor = await connection.execute(f"SELECT count(*) AS n FROM {table}".encode())
                    row = await cursor.fetchone()
                assert row == {"n": 0}
            finally:
                await pool.close()
