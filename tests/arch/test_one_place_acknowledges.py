"""Offsets are committed, records buried and failures judged in one place: the worker loop."""

from __future__ import annotations

import re

from tests.arch.sources import Source, package_sources

_LOOP = "libs/common/mneme_common/runtime/"
_CLIENTS = ("libs/sdk/", "libs/cli/", "libs/launcher/", "libs/common/mneme_common/testing/")


def _services() -> list[Source]:
    return [source for source in package_sources() if source.name.startswith("services/")]


def test_only_the_worker_loop_commits_consumer_offsets() -> None:
    found = [
        f"{source.name}:{call.lineno}"
        for source in package_sources()
        if not source.name.startswith((_LOOP, *_CLIENTS))
        for call, name in source.calls()
        if name.split(".")[-1] == "commit" and "consumer" in name.lower()
    ]
    assert not found


def test_services_commit_no_transaction_by_hand() -> None:
    found = [
        f"{source.name}:{call.lineno}"
        for source in _services()
        for call, name in source.calls()
        if name.split(".")[-1] in {"commit", "rollback"}
    ]
    assert not found, f"a transaction ends with its `async with`: {found}"


def test_no_service_produces_to_a_dead_letter_topic() -> None:
    found = [
        f"{source.name}:{line}"
        for source in _services()
        for line, text in enumerate(source.text.splitlines(), start=1)
        if re.search(r"\bdead_letter_topic\b|\.dlq\b", text)
    ]
    assert not found, f"raise a permanent error instead: the worker loop buries: {found}"


def test_no_service_polls_or_seeks_a_consumer() -> None:
    found = [
        f"{source.name}:{call.lineno}"
        for source in _services()
        if source.path.name != "main.py"
        for call, name in source.calls()
        if name.split(".")[-1] in {"getmany", "getone", "seek", "seek_to_beginning", "seek_to_end"}
    ]
    assert not found
