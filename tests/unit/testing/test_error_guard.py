"""The guard over the logs sees our errors, and only ours."""

from __future__ import annotations

import logging

import pytest
import structlog

pytest_plugins = ["pytester"]

_CONFTEST = 'pytest_plugins = ["tests.fixtures.logs"]'


def test_errors_that_a_test_announces_are_handed_to_it(expects_errors: list[str]) -> None:
    logging.getLogger("mneme_resolver.handlers").error("could not apply %s", "it")
    assert expects_errors == ["mneme_resolver.handlers: could not apply it"]


def test_structured_errors_are_seen_like_any_other(expects_errors: list[str]) -> None:
    structlog.get_logger("mneme_embedder").error("embedding_failed", model="wordllama")
    assert expects_errors == ["mneme_embedder: event='embedding_failed' model='wordllama' level='error'"]


def test_warnings_and_foreign_errors_are_no_concern_of_ours(logged_errors: list[str]) -> None:
    logging.getLogger("mneme_resolver").warning("slow")
    logging.getLogger("somebody.else").error("not ours")
    assert logged_errors == []


def test_an_unannounced_error_fails_the_test_that_logged_it(
    pytester: pytest.Pytester, pytestconfig: pytest.Config
) -> None:
    pytester.makeini(f"[pytest]\npythonpath = {pytestconfig.rootpath}")
    pytester.makeconftest(_CONFTEST)
    pytester.makepyfile("import logging\ndef test_it():\n    logging.getLogger('mneme.x').error('lost a row')")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*mneme.x: lost a row*"])
