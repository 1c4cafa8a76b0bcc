"""What touches the world is chosen in one place, `main`, and everything else asks for a port."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.arch.sources import SERVICES, Source, service_folder

# `replay` folds ledgers through the same store into an empty database, so it belongs to the store.
_OWN_ADAPTERS = ("store", "adapters", "replay")
_TECHNOLOGIES = {"aiokafka", "asyncpg", "httpx", "openai", "psycopg", "psycopg_pool", "qdrant_client", "sqlalchemy"}


def _modules(folder: Path) -> list[Source]:
    return [Source(path) for path in sorted(folder.rglob("*.py"))]


@pytest.mark.parametrize("service", SERVICES)
def test_own_adapters_are_known_to_main_alone(service: str) -> None:
    folder = service_folder(service)
    adapters = tuple(f"mneme_{service}.{name}." for name in _OWN_ADAPTERS)
    found = [
        f"{source.name}:{line} {name}"
        for source in _modules(folder)
        if source.path != folder / "main.py" and source.path.relative_to(folder).parts[0] not in _OWN_ADAPTERS
        for line, name in source.imports()
        if name.startswith(adapters)
    ]
    assert not found, f"ask for a port and let main choose: {found}"


@pytest.mark.parametrize("service", SERVICES)
def test_handlers_and_routes_name_no_technology(service: str) -> None:
    found = [
        f"{source.name}:{line} {name}"
        for part in ("handlers", "routes")
        for source in _modules(service_folder(service) / part)
        for line, name in source.imports()
        if name.split(".")[0] in _TECHNOLOGIES
    ]
    assert not found, f"move it behind a port: {found}"
