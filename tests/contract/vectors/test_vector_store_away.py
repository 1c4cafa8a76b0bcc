"""A store that cannot be reached is a dependency that is away: nothing is lost, nobody is told "not found"."""

from __future__ import annotations

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_pgvector import PgvectorStore
from mneme_common.adapters.vectors_qdrant import QdrantStore
from mneme_common.domain.failures import DependencyError
from mneme_common.domain.vectors import UnsuitableServerError
from mneme_common.testing.vectors import InMemoryVectorStore
from tests.contract.scripted_http import Reply, Request, Script, as_json, scripted_server
from tests.contract.vectors.points import ADA, DIMENSION, EAST, MODEL, Store, closing, key, name, point
from tests.fixtures.databases import MnemeDatabase


async def _refuses_everything(store: Store) -> None:
    for request in (
        lambda: store.register(MODEL, DIMENSION),
        lambda: store.check(MODEL, DIMENSION),
        lambda: store.upsert([point(1)]),
        lambda: store.close([closing(1, 5)]),
        lambda: store.remove([key(1)]),
        lambda: store.nearest(ADA, MODEL, EAST, 5),
        lambda: store.similarities(ADA, MODEL, EAST, [name(1)]),
    ):
        with pytest.raises(DependencyError):
            await request()


async def test_the_fake_can_be_away_like_the_others() -> None:
    store = InMemoryVectorStore()
    await store.register(MODEL, DIMENSION)
    store.away = True
    await _refuses_everything(store)


async def test_a_database_that_is_away_is_a_dependency_error(database: MnemeDatabase) -> None:
    pool = Database(database.writer_url, name="test", size=2)
    await pool.open()
    store = PgvectorStore(pool)
    await store.register(MODEL, DIMENSION)
    await pool.close()
    await _refuses_everything(store)


async def test_a_qdrant_that_is_away_is_a_dependency_error() -> None:
    async with scripted_server(_qdrant()) as server:
        store = QdrantStore.connect(server.url)
        await store.register(MODEL, DIMENSION)
    await _refuses_everything(store)
    await store.disconnect()


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_a_qdrant_that_cannot_serve_us_is_a_dependency_error(status: int) -> None:
    headers = {"Retry-After": "1"} if status == 429 else {}
    async with scripted_server(lambda _: Reply(status, b"{}", headers)) as server:
        store = QdrantStore.connect(server.url)
        with pytest.raises(DependencyError):
            await store.nearest(ADA, MODEL, EAST, 5)
        await store.disconnect()


async def test_a_qdrant_that_would_overwrite_points_is_refused_at_start() -> None:
    async with scripted_server(_qdrant(version="1.16.3")) as server:
        store = QdrantStore.connect(server.url)
        with pytest.raises(UnsuitableServerError, match=r"1\.16\.3"):
            await store.register(MODEL, DIMENSION)
        await store.disconnect()


async def test_a_search_on_a_server_is_exact_and_names_tenant_and_user() -> None:
    async with scripted_server(_qdrant()) as server:
        store = QdrantStore.connect(server.url, api_key=None)
        await store.register(MODEL, DIMENSION)
        assert await store.nearest(ADA, MODEL, EAST, 5) == []
        query = server.requests[-1].json
        assert query["params"] == {"exact": True}
        assert query["filter"]["must"][:2] == [
            {"key": "tenant_id", "match": {"value": "acme"}},
            {"key": "user_id", "match": {"value": "ada"}},
        ]
        await store.disconnect()


async def test_registering_on_a_server_indexes_every_field_that_is_filtered() -> None:
    async with scripted_server(_qdrant()) as server:
        store = QdrantStore.connect(server.url)
        await store.register(MODEL, DIMENSION)
        indexed = {r.json["field_name"]: r.json["field_schema"] for r in server.requests if "/index" in r.path}
        assert set(indexed) == {"tenant_id", "user_id", "record_id", "kind", "from_seq", "to_seq"}
        assert indexed["tenant_id"] == {"type": "keyword", "is_tenant": True}
        await store.disconnect()


async def test_a_write_to_a_server_is_awaited_and_overwrites_nothing() -> None:
    async with scripted_server(_qdrant()) as server:
        store = QdrantStore.connect(server.url)
        await store.register(MODEL, DIMENSION)
        before = len(server.requests)
        await store.upsert([point(1)])
        inserted = server.requests[before]
        assert inserted.json["update_mode"] == "insert_only"
        assert "wait=true" in inserted.path
        assert "ordering=strong" in inserted.path
        await store.disconnect()


def _qdrant(*, version: str = "1.17.0") -> Script:
    """A server with one empty collection, which says yes to everything."""
    done = {"operation_id": 1, "status": "completed"}
    known: dict[str, object] = {
        "/": {"title": "qdrant", "version": version},
        "exists": {"result": {"exists": True}, "status": "ok", "time": 0},
        "query": {"result": {"points": []}, "status": "ok", "time": 0},
        "/collections": {"result": {"collections": []}, "status": "ok", "time": 0},
    }

    def script(request: Request) -> Reply:
        path = request.path.partition("?")[0]
        if path in known:
            return as_json(known[path])
        if request.method == "POST" and path.endswith("/points"):
            return as_json({"result": [], "status": "ok", "time": 0})
        last = path.rpartition("/")[2]
        return as_json(known.get(last, {"result": done, "status": "ok", "time": 0}))

    return script
