"""What operators see of searches."""

from __future__ import annotations

from tests.integration.gateway_search.application import Gateway
from tests.integration.gateway_search.conftest import Store


async def test_results_are_counted_by_type(store: Store, gateway: Gateway) -> None:
    said = await store.records.record("My sister lives in Porto")
    known = await store.records.remember("sister: Clara lives in Porto", kind="fact")
    await gateway.index(said, known)
    await gateway.search("sister Porto")
    shown = (await gateway.client.get("/metrics")).text
    assert [f'retrieval_hits_total{{type="{type_}"}} 1.0' in shown for type_ in ("message", "fact")] == [True, True]
