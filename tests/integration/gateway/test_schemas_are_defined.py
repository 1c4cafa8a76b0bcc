"""Classes that a tenant defines: defined, approved, filled with records, replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.schemas import BOOK, annotation
from tests.integration.gateway.person import Person

DOSE = {"name": "dose", "columns": [{"name": "amount", "dtype": "string"}, {"name": "taken_on", "dtype": "date"}]}


@pytest.fixture
def ours(api: httpx.AsyncClient) -> Person:
    """Somebody of a tenant whose schema no other test changes."""
    return Person(api, "ann", f"tenant-{uuid4().hex[:12]}")


async def define(who: Person, *classes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The next version of the tenant's schema."""
    made = await who.client.post("/v1/schemas", json={"tenant_id": who.tenant_id, "classes": classes, **more})
    assert made.status_code == 201, made.text
    schema: dict[str, Any] = made.json()
    return schema


async def act(who: Person, version: int, action: str, **body: Any) -> httpx.Response:
    """One action on a version."""
    return await who.client.post(f"/v1/schemas/{version}/{action}", json={"tenant_id": who.tenant_id, **body})


async def record(who: Person, values: dict[str, Any], memory_class: str = "book", **more: Any) -> httpx.Response:
    """A record of a class."""
    return await who.post("/v1/records", {"memory_class": memory_class, "values": values, **more})


async def test_a_second_record_of_the_same_identity_updates_the_first(ours: Person) -> None:
    schema = await define(ours, BOOK)
    assert (schema["status"], schema["classes"][0]["identity_fields"]) == ("active", ["title"])
    first = await record(ours, {"title": "Dune", "pages": "412", "finished": False})
    assert first.status_code == 201, first.text
    assert first.json() | {
        "memory_class": "book", "schema_version": "tenant-1", "content": "book: title Dune; pages 412; finished no",
        "values": {"title": "Dune", "pages": 412, "finished": False}, "type": "fact",
    } == first.json()  # fmt: skip
    second = await record(ours, {"title": " dune", "finished": True, "author": "Frank Herbert"})
    assert (second.json()["root_id"], second.json()["version"]) == (first.json()["root_id"], 2)
    assert second.json()["values"] == {"title": "dune", "author": "Frank Herbert", "pages": 412, "finished": True}
    again = await record(ours, {"title": "dune"})
    assert (again.status_code, again.json()["memory_id"]) == (200, second.json()["memory_id"])
    other = await record(ours, {"title": "Dune Messiah"})
    listed = (await ours.get("/v1/memories", memory_class="book")).json()["items"]
    assert {item["memory_id"] for item in listed} == {second.json()["memory_id"], other.json()["memory_id"]}


async def test_a_guessed_identity_waits_for_a_person(ours: Person) -> None:
    guessed = await define(ours, DOSE)
    assert (guessed["status"], guessed["classes"][0]["confidence"]) == ("needs_approval", 0.6)
    refused = await record(ours, {"amount": "5 mg"}, "dose")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "UNKNOWN_CLASS")
    assert (await act(ours, 1, "activate")).json()["error"]["code"] == "NEEDS_APPROVAL"
    corrected = {"dose": {"identity_fields": ["amount", "taken_on"]}}
    approved = (await act(ours, 1, "approve", annotations=corrected)).json()
    assert (approved["status"], approved["approved"], approved["annotated_by"]) == ("active", True, "person")
    days = [await record(ours, {"amount": "5 mg", "taken_on": day}, "dose") for day in ("2026-01-01", "2026-01-02")]
    assert [answer.status_code for answer in days] == [201, 201]
    assert (await act(ours, 1, "approve")).status_code == 409


async def test_values_that_fit_no_column_are_refused_by_name(ours: Person) -> None:
    await define(ours, BOOK)
    wrong = {"title": "Dune", "genre": "poem", "pages": "many", "colour": "sand"}
    refused = await record(ours, wrong)
    assert refused.status_code == 422
    assert refused.json()["detail"] == (
        "values.genre must be enum (novel, essay); values.pages must be integer; book has these columns only: title,"
        " author, genre, tags, notes, pages, rating, finished, read_on, lent_to"
    )
    assert (await record(ours, {"pages": 3})).json()["detail"] == "values: give what identifies a book: title"
    assert (await ours.get("/v1/memories")).json()["items"] == []


async def test_personal_columns_are_replaced_and_still_tell_records_apart(ours: Person) -> None:
    await define(ours, BOOK | {"annotation": annotation("title", "lent_to")})
    said = {"title": "Dune", "lent_to": "Grace Hopper"}
    first = await record(ours, said, content="Dune is with Grace Hopper.")
    assert "Grace" not in first.text
    assert first.json()["content"] == "Dune is with [redacted]."
    assert (await record(ours, said | {"lent_to": " grace  hopper"})).json()["root_id"] == first.json()["root_id"]
    assert (await record(ours, said | {"lent_to": "Alan Turing"})).json()["root_id"] != first.json()["root_id"]
    memory_id = first.json()["memory_id"]
    revised = await ours.post(f"/v1/memories/{memory_id}/versions", {"values": {"lent_to": "Alan Turing", "pages": 9}})
    assert revised.status_code in (200, 201), revised.text
    assert "Alan" not in revised.text


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": "note"}, "every tenant"),
        ({"name": "Book"}, "name"),
        ({"columns": []}, "columns"),
        ({"columns": [{"name": "a", "dtype": "enum"}]}, "enum"),
        ({"annotation": {"identity_fields": ["colour"]}}, "no column colour"),
        ({"annotation": annotation("title") | {"searchable_fields": [{"field": "lent_to", "boost": 1}]}}, "pii"),
    ],
)
async def test_a_definition_that_cannot_hold_changes_nothing(ours: Person, change: dict[str, Any], fault: str) -> None:
    body = {"tenant_id": ours.tenant_id, "classes": [BOOK | change]}
    refused = await ours.client.post("/v1/schemas", json=body)
    assert refused.status_code == 422, refused.text
    assert fault in refused.text
    listed = await ours.client.get("/v1/schemas", params={"tenant_id": ours.tenant_id})
    assert listed.json() == {"items": []}


async def test_a_class_that_stays_as_it_was_keeps_its_version(ours: Person) -> None:
    await define(ours, BOOK)
    second = await define(ours, BOOK, DOSE, activate=False)
    assert (await act(ours, 2, "annotate")).json()["status"] == "needs_approval"
    active = (await act(ours, second["version"], "approve")).json()
    assert {one["name"]: one["since"] for one in active["classes"]} == {"book": 1, "dose": 2}
    first = await ours.client.get("/v1/schemas/1", params={"tenant_id": ours.tenant_id})
    assert first.json()["status"] == "superseded"
    gone = (await act(ours, 2, "deprecate")).json()
    assert gone["status"] == "deprecated"
    assert (await record(ours, {"title": "Dune"})).json()["error"]["code"] == "UNKNOWN_CLASS"
    assert (await act(ours, 1, "activate")).json()["status"] == "active"
    assert (await record(ours, {"title": "Dune"})).status_code == 201


async def test_an_unknown_version_is_not_found(ours: Person) -> None:
    asked: list[Callable[[], Any]] = [
        lambda: ours.client.get("/v1/schemas/7", params={"tenant_id": ours.tenant_id}),
        *(lambda action=action: act(ours, 7, action) for action in ("approve", "activate", "deprecate", "backfill")),
    ]
    assert [(await ask()).status_code for ask in asked] == [404] * 5
