"""Learn one service, know them all."""

from __future__ import annotations

import ast

import pytest

from tests.arch.sources import ROOT, SERVICES, Source, service_folder

_PURE_LIBRARIES = {
    "__future__", "array", "base64", "bisect", "calendar", "collections", "contextlib", "dataclasses", "datetime",
    "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "hmac", "heapq", "itertools", "json", "math",
    "numpy", "operator", "orjson", "pydantic", "re", "snowballstemmer", "statistics", "string", "struct", "typing",
    "unicodedata", "uuid", "zoneinfo",
}  # fmt: skip
_CLOCKS_AND_DICE = {"now", "utcnow", "today", "uuid1", "uuid4", "uuid7", "perf_counter", "monotonic"}


def _decisions(service: str) -> list[Source]:
    return [Source(path) for path in sorted((service_folder(service) / "decide").rglob("*.py"))]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_parts(service: str) -> None:
    folder = service_folder(service)
    parts = ["main.py", "settings.py", "ports.py", "routes" if service == "gateway" else "handlers"]
    assert not [part for part in parts if not (folder / part).exists()]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_what_comes_in_and_goes_out(service: str) -> None:
    said = ast.get_docstring(Source(service_folder(service) / "__init__.py").tree) or ""
    assert "In:" in said
    assert "Out:" in said


@pytest.mark.parametrize("service", SERVICES)
def test_decisions_know_only_the_domain_and_the_contracts(service: str) -> None:
    allowed = ("mneme_common.domain.", "mneme_common.contracts.", f"mneme_{service}.decide.")
    found = [
        f"{source.name}:{line} {name}"
        for source in _decisions(service)
        for line, name in source.imports()
        if not name.startswith(allowed) and name.split(".")[0] not in _PURE_LIBRARIES
    ]
    assert not found


@pytest.mark.parametrize("service", SERVICES)
def test_decisions_ask_no_clock_and_throw_no_dice(service: str) -> None:
    found = [
        f"{source.name}:{call.lineno} {name}"
        for source in _decisions(service)
        for call, name in source.calls()
        if name.split(".")[-1] in _CLOCKS_AND_DICE or name == "open"
    ]
    assert not found


@pytest.mark.parametrize("service", SERVICES)
def test_decisions_wait_for_nothing_at_all(service: str) -> None:
    found = [
        f"{source.name}:{getattr(node, 'lineno', 0)}"
        for source in _decisions(service)
        for node in source.nodes(ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    ]
    assert not found


@pytest.mark.parametrize("service", SERVICES)
def test_only_settings_and_main_read_the_environment(service: str) -> None:
    found = [
        source.name
        for path in sorted(service_folder(service).rglob("*.py"))
        if (source := Source(path)).path.name not in {"main.py", "settings.py"}
        if "os.environ" in source.text or "getenv(" in source.text or "BaseSettings" in source.text
    ]
    assert not found


def test_every_service_folder_is_a_service_we_know() -> None:
    assert {path.name for path in (ROOT / "services").iterdir() if path.is_dir()} == set(SERVICES)
