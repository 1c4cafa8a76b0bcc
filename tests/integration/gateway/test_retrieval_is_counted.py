"""Retrieval updates when a memory was last accessed, and nothing else (features.md, S1-13)."""

from __future__ import annotations

from typing import Any

import pytest

from mneme_common.testing.waiting import eventually
from tests.integration.gateway.person import Person


async def _read(person: Person, memory_id: str, **parameters: Any) -> dict[str, Any]:
    read: dict[str, Any] = (await person.get(f"/v1/memories/{memory_id}", **parameters)).json()
    return read


@pytest.mark.parametrize("path", ["/v1/memories/search", "/v1/memories/retrieve", "/v1/retrieve/search"])
async def test_a_search_counts_what_it_returns_in_any_version(person: Person, path: str) -> None:
    first = await person.remember("Ada keeps a heron.")
    other = await person.remember("Bob plays chess.", session_id="s2")
    assert (first["access_count"], first["last_accessed_at"]) == (0, None)
    found = (await person.post(path, {"query": "heron", "top_k": 1})).json()
    second = (
        await person.post(f"/v1/memories/{first['memory_id']}/versions", {"content": "Ada keeps a crane."})
    ).json()
    await person.post(path, {"query": "crane", "top_k": 1})

    async def counted() -> bool:
        return bool((await _read(person, second["memory_id"]))["access_count"] == 2)

    await eventually(counted, within=30)
    read = await _read(person, second["memory_id"])
    assert read["last_accessed_at"] > read["created_at"]
    assert (await _read(person, other["memory_id"]))["access_count"] == 0
    assert "heron" in str(found)


async def test_neither_reading_by_id_nor_looking_into_the_past_is_a_retrieval(person: Person) -> None:
    memory = await person.remember("Ada keeps a heron.")
    marked = await person.remember("Bob plays chess.")
    await person.post("/v1/memories/search", {"query": "heron", "as_of": memory["position"]})
    await person.post("/v1/memories/search", {"query": "chess", "top_k": 1})

    async def written() -> bool:
        return bool((await _read(person, marked["memory_id"]))["access_count"] == 1)

    await eventually(written, within=30)
    assert (await _read(person, memory["memory_id"]))["access_count"] == 0
    assert (await _read(person, marked["memory_id"], as_of=marked["position"]))["access_count"] is None


async def test_a_context_counts_what_it_holds_and_not_what_it_left_out(person: Person) -> None:
    packed = await person.remember("Ada keeps a heron.")
    left_out = await person.remember("Ada keeps a heron in a very long sentence about " + "herons " * 40)
    asked = {"query": "heron", "token_budget": 15}
    found = (await person.post("/v1/retrieve/context", asked)).json()
    assert [item["memory_id"] for item in found["items"]] == [packed["memory_id"]]

    async def counted() -> bool:
        return bool((await _read(person, packed["memory_id"]))["access_count"] == 1)

    await eventually(counted, within=30)
    assert (await _read(person, left_out["memory_id"]))["access_count"] == 0
