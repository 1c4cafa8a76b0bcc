"""Tests read as sentences, wait with a deadline and talk to the real thing."""

from __future__ import annotations

import ast

from tests.arch.sources import Source, package_sources, sources_of_tests

_FEWEST_WORDS = 4
_MAY_SLEEP = "libs/common/mneme_common/testing/waiting.py"


def _for_tests() -> list[Source]:
    shipped_for_tests = [source for source in package_sources() if "/testing/" in source.name]
    tests = [source for source in sources_of_tests() if not source.name.startswith("tests/bench/")]
    return [*tests, *shipped_for_tests]


def test_nobody_sleeps_in_tests_but_the_waiting_module() -> None:
    found = [
        f"{source.name}:{call.lineno}"
        for source in _for_tests()
        if source.name != _MAY_SLEEP
        for call, name in source.calls()
        if name.split(".")[-1] == "sleep" and not _lets_others_run(call)
    ]
    assert not found, f"use mneme_common.testing.waiting.eventually: {found}"


def test_nothing_in_the_tests_is_a_mock() -> None:
    found = [
        f"{source.name}:{line}"
        for source in _for_tests()
        for line, name in source.imports()
        if name.startswith(("unittest.mock", "mock.", "pytest_mock"))
    ]
    assert not found, f"use the real thing or a fake of the port: {found}"


def test_every_test_name_is_a_sentence() -> None:
    found = [
        f"{source.name}:{function.lineno} {function.name}"
        for source in sources_of_tests()
        if source.path.name.startswith("test_")
        for function in source.functions()
        if function.name.startswith("test_")
        and len([word for word in function.name.split("_")[1:] if word]) < _FEWEST_WORDS
    ]
    assert not found, f"say what holds, in at least {_FEWEST_WORDS} words: {found}"


def _lets_others_run(call: ast.Call) -> bool:
    """`sleep(0)` waits for nothing."""
    return [ast.unparse(argument) for argument in call.args] == ["0"]
