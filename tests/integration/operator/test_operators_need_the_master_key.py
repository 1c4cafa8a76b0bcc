"""Where keys are required, an operator is whoever has the master key.

That nobody else is one is shown for every endpoint in tests/integration/gateway/test_every_endpoint_denies.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.gateway.credentials import MASTER_KEY, REQUIRED, bearer
from tests.integration.operator.desk import Stack


@pytest.fixture(scope="module")
def locked_url(stack: Stack) -> str:
    """A second gateway on the same stack, which asks for keys."""
    return stack.pipeline.gateway(REQUIRED).url


@pytest.fixture
async def locked(locked_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it without a credential."""
    async with httpx.AsyncClient(base_url=locked_url, timeout=45.0, verify=False) as client:
        yield client


async def test_the_master_key_opens_the_status(locked: httpx.AsyncClient) -> None:
    answer = await locked.get("/v1/admin/status", headers=bearer(MASTER_KEY))
    assert answer.status_code == 200


async def test_jobs_for_an_unknown_tenant_are_not_taken(locked: httpx.AsyncClient) -> None:
    for path in ("/v1/admin/replay", "/v1/admin/retention/run"):
        answer = await locked.post(path, json={"tenant_id": "nobody-knows"}, headers=bearer(MASTER_KEY))
        assert answer.status_code == 404
    answer = await locked.get("/v1/retention/policy", params={"tenant_id": "x"}, headers=bearer(MASTER_KEY))
    assert answer.status_code == 404
