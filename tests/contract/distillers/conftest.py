"""The distillers: without a model, and by one behind a server that speaks the OpenAI API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from mneme_common.adapters.chat_endpoint import chat_endpoint
from mneme_common.contracts.commands import Usage
from mneme_common.domain.subject import Subject
from mneme_common.domain.token_budget import OverBudgetError
from mneme_common.testing.openai_server import OpenAIServer
from mneme_retention.adapters.extractive_distiller import ExtractiveDistiller
from mneme_retention.adapters.model_distiller import ModelDistiller
from mneme_retention.decide.distilling import distil
from mneme_retention.decide.reflection import Cluster, Node
from mneme_retention.ports import Distiller


@dataclass
class Purse:
    """An Account that can be empty."""

    is_empty: bool = False
    spent: list[tuple[str, str, Usage]] = field(default_factory=list)

    async def require(self, subject: Subject) -> None:
        """See Account."""
        if self.is_empty:
            raise OverBudgetError(f"{subject.tenant_id} has spent all", 30.0, fallback=False)

    async def spend(self, subject: Subject, model: str, usage: Usage) -> None:
        """See Account."""
        self.spent.append((subject.tenant_id, model, usage))


@dataclass
class Modelled:
    """A distiller by a model, and everything around it."""

    distil: ModelDistiller
    server: OpenAIServer
    purse: Purse
    reasons: list[str]


def cluster_of(*sentences: str) -> Cluster:
    """Memories about one thing."""
    made = datetime(2026, 6, 1, tzinfo=UTC)
    nodes = [
        Node(memory_id=UUID(int=number), content=sentence, session_id=f"s{number}", namespace=None, created_at=made)
        for number, sentence in enumerate(sentences, 1)
    ]
    return Cluster("tea", "semantic_cluster", None, tuple(nodes))


def _merged(body: dict[str, Any]) -> str:
    """A model that does as it is told."""
    return distil(body["messages"][-1]["content"].splitlines())


@pytest.fixture
async def modelled() -> AsyncIterator[Modelled]:
    """A model that does as it is told, until the test says otherwise."""
    purse, reasons = Purse(), list[str]()
    async with (
        OpenAIServer(reply=_merged).running() as server,
        chat_endpoint(
            model="m", api_key="sk-test", base_url=server.base_url, limit_seconds=5.0, attempts=1,
            spent=lambda _model, _usage: None, doing="reflect",
        ) as endpoint,
    ):  # fmt: skip
        yield Modelled(ModelDistiller(endpoint, purse, ExtractiveDistiller(), reasons.append), server, purse, reasons)


@pytest.fixture(params=["extractive", "model"])
def distiller(request: pytest.FixtureRequest, modelled: Modelled) -> Distiller:
    """Each of them."""
    return ExtractiveDistiller() if request.param == "extractive" else modelled.distil
