from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.integration.gateway_search.application import Gateway
from tests.integration.gateway_search.conftest import Store


async def test_the_policy_ranking_gives_what_contains_a_longer_word_the_latest_first(
    store: Store, gateway: Gateway
) -> None:
    day = datetime(2024, 1, 1, tzinfo=UTC)
    for number, text in enumerate(["An apple", "Pineapples!", "no fruit at all", "APPLE-tree, 50%"]):
        await store.records.record(text, occurred_at=day + timedelta(days=(number * 3) % 7))
    await store.records.remember("likes apple pie", observed_at=day - timedelta(days=1))
    answer = await gateway.search("is it an apple?", profile="s0_policy", top_k=3)
    found = [(result["content"], result["score"]) for result in answer["results"]]
    assert found == [("Pineapples!", 1.0), ("APPLE-tree, 50%", 0.75), ("An apple", 0.5)]
    assert (await gateway.search("is it at %_", profile="s0_policy"))["results"] == []
    assert (await gateway.search("apple", profile="s0_policy", kinds=["memory"]))["results"][0]["score"] == 1.0
