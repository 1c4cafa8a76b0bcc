"""Personal data and secrets that somebody sends are in no table, topic, log or metric afterwards (S1-21)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx

from mneme_common.contracts.envelope import OutgoingRecord, key_of
from mneme_common.contracts.topics import TURNS
from mneme_common.testing.waiting import eventually
from tests.fixtures.pipeline import producing
from tests.integration.privacy.conftest import Everything
from tests.integration.privacy.openapi_bodies import body_of, operations, parameters_of

_PERSONAL = [
    "zoe.q1w2@leak-test.example",
    "+49 171 5559917",
    "219-09-4471",
    "4539 5787 6362 1486",
    "DE75 5121 0800 1245 1261 99",
    "203.0.113.217",
]
_SECRETS = ["password: zq-planted-9917", "AKIA" + "ZQPLANTED9917XYZ", "Bearer zqplanted9917abcdefgh"]
_WORDS = [*_PERSONAL, "zq-planted-9917", "AKIA" + "ZQPLANTED9917XYZ", "zqplanted9917abcdefgh"]
_SAID = "Please note: " + ", ".join(_PERSONAL)


def _fields(text: str) -> dict[str, Any]:
    return {"name": text, "namespace": text, "metadata": {text: text, "deep": [{"x": text}], "card": 4539578763621486}}


async def _write_everywhere(client: httpx.AsyncClient) -> None:
    for personal in _PERSONAL:
        said = {"role": "user", "content": f"I say {personal}.", **_fields(personal)}
        message = await client.post("/v1/messages", json=said)
        assert message.status_code == 201, message.text
        batch = await client.post("/v1/messages/batch", json={"messages": [said]})
        assert batch.status_code == 201, batch.text
        update = {"content": f"Rather {personal}", "metadata": {"again": personal}}
        assert (await client.put(f"/v1/messages/{message.json()['id']}", json=update)).status_code == 200
        observed = {"messages": [{"role": "user", "content": f"My phone and mail: {personal}", "name": personal}]}
        assert (await client.post("/v1/observe", json=observed)).status_code in (200, 202)
        stored = await client.post(
            "/v1/memories",
            json={
                "content": f"Known as {personal}", "key": f"contact {personal}", "tags": [personal],
                "namespace": personal, "subject_id": personal, "author_id": personal, "source": personal,
                "metadata": {personal: personal},
            },
        )  # fmt: skip
        assert stored.status_code == 201, stored.text
        deleted = await client.delete(f"/v1/memories/{stored.json()['memory_id']}", params={"reason": personal})
        assert deleted.status_code == 204
        assert (await client.post("/v1/retrieve/search", json={"query": personal})).status_code == 200
        named = await client.post("/auth/keys", json={"user_id": "zoe", "name": personal})
        assert named.status_code == 201, named.text


async def _write_secrets(client: httpx.AsyncClient) -> None:
    for secret in _SECRETS:
        for said in (
            {"content": secret},
            {"content": "hi", "metadata": {"x": [secret]}},
            {"content": "hi", "name": secret},
        ):
            refused = await client.post("/v1/messages", json={"role": "user", **said})
            assert refused.status_code == 403, refused.text
            assert refused.json()["error"]["code"] == "SENSITIVE_CONTENT"
        refused = await client.post("/v1/memories", json={"content": "hi", "tags": ["a", secret]})
        assert refused.status_code == 403, refused.text


async def _call_every_route(client: httpx.AsyncClient) -> None:
    """Whatever each route makes of a text in every place that takes one."""
    document = (await client.get("/openapi.json")).json()
    for text in (_SAID, _SECRETS[0]):
        for method, path, operation in operations(document):
            for name, value in parameters_of(operation, text, "path").items():
                path = path.replace(f"{{{name}}}", value)  # noqa: PLW2901
            await client.request(
                method,
                path,
                json=body_of(document, operation, text),
                params=parameters_of(operation, text, "query"),
                headers={"Prefer": "wait=0"},
            )


def _turns() -> list[OutgoingRecord]:
    """What direct producers send: good, with a secret, unreadable, and with personal data in every header."""
    key = key_of("default", "zoe")
    records = []
    for number, text in enumerate([_SAID, *_SECRETS]):
        body = {"tenant_id": "default", "user_id": "zoe", "role": "user", "content": text, **_fields(text[:100])}
        records.append(OutgoingRecord(TURNS, key, json.dumps(body).encode(), ()))
        headers = {
            "ce_specversion": "1.0", "ce_id": f"t{number}", "ce_type": "turn", "ce_source": text,
            "ce_requesthash": text, "traceparent": text, "x-note": text,
        }  # fmt: skip
        data = {"conversation_id": "c", "role": "user", "content": text, "name": text[:100]}
        value = json.dumps(data).encode()
        told = tuple((name, header.encode()) for name, header in headers.items())
        records.append(OutgoingRecord(TURNS, key, value, told))
        records.append(OutgoingRecord(TURNS, key, value[:-3], told))
        wrong = json.dumps({**data, "role": text, text: text}).encode()
        records.append(OutgoingRecord(TURNS, key, wrong, (("ce_type", text.encode()), *told)))
        records.append(OutgoingRecord(TURNS, key, value, (*told[:2], ("ce_type", text.encode()), *told[3:])))
    return records


async def test_planted_values_are_in_no_table_topic_log_or_metric(everything: Everything) -> None:
    """Over every route and as a direct producer, whose own topic is excepted until it expires."""
    async with everything.client() as client:
        await _write_everywhere(client)
        await _write_secrets(client)
        await _call_every_route(client)
    async with producing(everything.bootstrap, everything.pipeline.topic_prefix) as produce:
        await produce(_turns())
    await everything.buried(2 * len(_SECRETS))
    await everything.idle()
    assert await everything.places_of(_WORDS, but_topics=(TURNS,)) == []
    assert await everything.places_of(["zoe.q1w2"]) == [f"{TURNS}: zoe.q1w2"], "the search itself finds what is there"


async def test_a_buried_turn_can_be_read_and_sent_again_although_it_is_sealed(everything: Everything) -> None:
    """The operator sees the original, neither the row nor the mirror shows it."""
    body = {"conversation_id": "c", "role": "nobody", "content": "call +49 171 5559917"}
    record = OutgoingRecord(TURNS, key_of("default", "zoe"), json.dumps(body).encode(), _cloud_event())
    async with producing(everything.bootstrap, everything.pipeline.topic_prefix) as produce:
        await produce([record])
    await everything.buried(1)
    (row,) = everything.rows.all("SELECT letter_id, value, buried_at FROM dead_letters")
    assert b"5559917" not in bytes(row["value"])
    async with everything.client() as client:
        letter = (await client.get(f"/v1/admin/dead-letters/{row['letter_id']}")).json()
        assert json.loads(letter["value_text"]) == body
        assert ["ce_source", "test"] in letter["headers"]
        again = await client.post(f"/v1/admin/dead-letters/{row['letter_id']}/redrive")
        assert again.status_code == 202

    async def is_buried_again() -> bool:
        (known,) = everything.rows.all(
            "SELECT redriven_at, buried_at > %s AS again FROM dead_letters", row["buried_at"]
        )
        return bool(known["again"]) and known["redriven_at"] is None

    await eventually(is_buried_again, within=20)


def _cloud_event() -> tuple[tuple[str, bytes], ...]:
    parts = {"specversion": "1.0", "id": "t1", "type": "turn", "source": "test", "time": datetime.now(UTC).isoformat()}
    return tuple((f"ce_{name}", value.encode()) for name, value in parts.items())
