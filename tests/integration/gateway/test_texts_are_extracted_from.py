"""One text, read for what to remember: with what was decided, or without keeping anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.brokers import Broker
from tests.fixtures.schemas import BOOK
from tests.integration.gateway.person import Person
from tests.integration.gateway.running_gateway import Pipeline

_TWO = "I like tea.\nBook: title Dune; pages 412; lent to Grace Hopper"


@pytest.fixture
async def reading(pipeline: Pipeline, tansu: Broker) -> AsyncIterator[Person]:
    """Somebody whose messages are read by the rules, in a tenant that has defined books."""
    await pipeline.open_broker(tansu.bootstrap)
    pipeline.worker("resolver")
    pipeline.worker("extractor")
    async with pipeline.gateway({"MNEME_WRITE_WAIT": "25"}).client() as client:
        person = Person(client, "ann", f"tenant-{uuid4().hex[:12]}")
        made = await client.post("/v1/schemas", json={"tenant_id": person.tenant_id, "classes": [BOOK]})
        assert made.json()["status"] == "active"
        yield person


async def test_what_is_found_is_decided_shown_and_kept_only_when_it_is_to_be(reading: Person) -> None:
    answered = await reading.post("/v1/extract", {"message": _TWO, "store": False})
    assert answered.status_code == 200, answered.text
    shown = answered.json()
    assert (shown["stored"], shown["extractor"]) == (False, "rules-2")
    assert [one["memory_class"] for one in shown["decisions"]] == ["preference", "book"]
    assert shown["decisions"][1]["values"] == {"title": "Dune", "pages": 412, "lent_to": "[redacted]"}
    assert "Grace" not in str(shown)
    assert (await reading.get("/v1/memories")).json()["items"] == []
    assert "default" not in (await reading.get("/v1/conversations")).text

    first = (await reading.post("/v1/extract", {"message": _TWO, "turn_id": "t1"})).json()
    assert [(one["action"], one["basis"]) for one in first["decisions"]] == [("create", "bm25"), ("create", "bm25")]
    again = (await reading.post("/v1/extract", {"message": _TWO, "turn_id": "t1"})).json()
    assert (again["message_id"], again["decisions"]) == (first["message_id"], first["decisions"])
    more = {"message": "Book: title dune; author Frank Herbert", "memory_class": "book"}
    (updated,) = (await reading.post("/v1/extract", more)).json()["decisions"]
    assert (updated["action"], updated["basis"]) == ("update", "identity")
    assert updated["object_id"] == first["decisions"][1]["object_id"]
    assert (await reading.post("/v1/extract", {"message": "Hm."})).json()["decisions"] == []
    secret = await reading.post("/v1/extract", {"message": "password: hunter2", "store": False})
    assert secret.status_code == 403


async def test_a_text_that_nobody_reads_in_time_is_said_to_be_unread_and_gone(
    person: Person, api: httpx.AsyncClient
) -> None:
    asked = {"message": _TWO, "store": False}
    unread = await person.post("/v1/extract", asked, {"Prefer": "wait=0"})
    assert (unread.status_code, unread.json()["status"], unread.json()["stored"]) == (202, "pending", False)
    later = await person.post("/v1/extract", {"message": _TWO}, {"Prefer": "wait=1"})
    assert (later.status_code, later.json()["status"]) == (202, "pending")
