"""A user who is erased is in no table, vector, index or log any more, and nothing of his comes back (guarantee 11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import ProposeMemories, RecordMessage
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import CHANGES, COMMANDS, TURNS
from mneme_common.testing.waiting import eventually
from tests.fixtures.pipeline import producing
from tests.integration.privacy.conftest import Everything

_USER = {"tenant_id": "acme", "user_id": "zoe"}
_WORDS = ["quillfeather", "zanzibarium"]
_TOPICS = (COMMANDS, TURNS, CHANGES)


async def _live(client: httpx.AsyncClient) -> str:
    said = await client.post(
        "/v1/messages",
        json={
            **_USER,
            "role": "user",
            "content": "I live in Zanzibarium.",
            "name": "Quillfeather",
            "metadata": {"n": _WORDS},
        },
    )
    assert said.status_code == 201, said.text
    stored = {**_USER, "content": "Quillfeather likes tea.", "key": "quillfeather", "tags": ["zanzibarium"]}
    assert (await client.post("/v1/memories", json=stored)).status_code == 201
    found = await client.post("/v1/retrieve/search", json={**_USER, "query": "Zanzibarium"})
    assert found.status_code == 200, found.text
    assert "Zanzibarium" in found.text
    message_id: str = said.json()["id"]
    return message_id


async def _erased(client: httpx.AsyncClient) -> dict[str, Any]:
    asked = await client.post("/v1/dsr/erase", json=_USER, headers={"Prefer": "wait=25"})
    assert asked.status_code == 202, asked.text

    async def done() -> dict[str, Any] | None:
        request = (await client.get(f"/v1/dsr/{asked.json()['id']}")).json()
        assert request["status"] != "failed", request
        return request["receipt"] if request["status"] == "done" else None

    receipt: dict[str, Any] = await eventually(done, within=60)
    return receipt


async def _is_equal(client: httpx.AsyncClient) -> bool:
    job = (await client.post("/v1/admin/replay", json={"tenant_id": "acme"}, headers={"Prefer": "wait=25"})).json()

    async def result() -> dict[str, Any] | None:
        found = (await client.get(f"/v1/admin/jobs/{job['job_id']}")).json()["result"]
        return dict(found) if found else None

    report = await eventually(result, within=60)
    assert report["equal"], report
    return True


async def test_an_erased_user_is_nowhere_but_on_the_topics_that_the_receipt_names(everything: Everything) -> None:
    """Found by searching everything for his words, before and after."""
    async with everything.client() as client:
        await _live(client)
        await everything.idle()
        assert len(await everything.places_of(_WORDS, but_topics=_TOPICS)) >= 2
        exported = (await client.post("/v1/dsr/export", json=_USER)).json()
        assert [message["content"] for message in exported["messages"]] == ["I live in Zanzibarium."]
        assert "Quillfeather likes tea." in [memory["content"] for memory in exported["memories"]]
        receipt = await _erased(client)
        assert await everything.places_of(_WORDS, but_topics=_TOPICS) == []
        found = await client.post("/v1/retrieve/search", json={**_USER, "query": "Zanzibarium"})
        assert "anzibarium" not in found.text
        assert await _is_equal(client)
    assert (receipt["key"], receipt["verified"]) == ("destroyed", True)
    assert receipt["tables"]["messages"] >= 1 <= receipt["tables"]["memories"]
    assert receipt["vectors"]["points"] >= 2
    assert receipt["vectors"]["indexes"] == ["wordllama-l2-supercat-256"]
    assert set(_TOPICS) <= {topic["topic"] for topic in receipt["topics"]}
    assert everything.rows.value("SELECT count(*) FROM subject_keys WHERE user_id = 'zoe'") == 0


async def test_who_was_erased_may_write_again_and_a_replay_is_still_equal(everything: Everything) -> None:
    """Under a new key; only what is new is found."""
    async with everything.client() as client:
        await _live(client)
        await _erased(client)
        said = {**_USER, "role": "user", "content": "I live in Bergen now."}
        assert (await client.post("/v1/messages", json=said)).status_code == 201
        await everything.idle()
        found = await client.post("/v1/retrieve/search", json={**_USER, "query": "live Bergen Zanzibarium"})
        assert "Bergen" in found.text
        assert "anzibarium" not in found.text
        assert await _is_equal(client)


async def test_what_was_accepted_before_the_erasure_is_discarded_whenever_it_arrives(everything: Everything) -> None:
    """A late command, a late turn, and what an extractor had read in a message that is gone."""
    async with everything.client() as client:
        message_id = await _live(client)
        await _erased(client)
        before = datetime.now(UTC) - timedelta(hours=1)
        late = RecordMessage.model_validate(
            {"conversation_id": "c", "role": "user", "content": "Quillfeather is late."}
        )
        proposal = {"action": "create", "memory_class": "note", "values": {"text": "x"}, "content": "Zanzibarium!"}
        proposals = ProposeMemories.model_validate(
            {
                "message_id": message_id, "revision": 1, "source_event_id": uuid4(), "extractor": "rules",
                "schema_version": "1", "proposals": [{**proposal, "confidence": 1}],
            }
        )  # fmt: skip
        async with producing(everything.bootstrap, everything.pipeline.topic_prefix) as produce:
            await produce([_command("message.record", late, before), _command("memories.proposed", proposals, None)])

        async def are_refused() -> bool:
            refused = "SELECT count(*) FROM ledger WHERE outcome ->> 'code' = 'ERASED' AND applied_at > %s"
            return bool(everything.rows.value(refused, _position_time(everything)) == 2)

        await eventually(are_refused, within=20)
        await everything.idle()
        assert await everything.places_of(_WORDS, but_topics=_TOPICS) == []
        assert await _is_equal(client)


def _position_time(everything: Everything) -> object:
    return everything.rows.value("SELECT erased_at FROM heads WHERE user_id = 'zoe'")


def _command(event_type: str, data: Any, accepted: datetime | None) -> OutgoingRecord:
    attributes = Attributes(id=uuid4().hex, type=event_type, source="test", time=accepted or datetime.now(UTC))
    return encode(COMMANDS, "acme", "zoe", attributes, data)
