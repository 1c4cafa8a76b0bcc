"""Asking a server whether what a case expects has come about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from mneme import MnemeError
from mneme.answers.memories import Memory
from mneme_cli.golden.case import Part
from mneme_cli.golden.telling import Stage
from mneme_cli.golden.texts import faults
from mneme_cli.reasons import action_of

_ON_THE_CLIENT = {"in": "run_id", "namespace": "agent_id", "from": "occurred_from", "to": "occurred_to", "top": "top_k"}
_NARROWING = (
    "kinds",
    "types",
    "tags",
    "in",
    "namespace",
    "from",
    "to",
    "filters",
    "top",
    "profile",
    "min_score",
    "score_gap",
)
_BUDGET = 1_000


async def failures(stage: Stage) -> list[str]:
    """What does not hold of the case's expectations; empty when all of it does."""
    found: list[str] = []
    for check in stage.case.checks:
        try:
            found += [f"{check}: {fault}" async for fault in _CHECKS[check.act](stage, check)]
        except KeyError as error:
            found.append(f"{check}: nothing is marked {error}")
        except MnemeError as error:
            found.append(f"{check}: {error}")
    return found


async def _memories(stage: Stage, check: Part) -> AsyncIterator[str]:
    listed = await stage.client_of(check.user).get_all()
    texts = [memory.content for memory in listed]
    for fault in faults(check.fields, texts):
        yield f"{fault}; there are {texts}"


async def _history(stage: Stage, check: Part) -> AsyncIterator[str]:
    client = stage.client_of(check.user)
    listed = await client.get_all()
    found = [memory for memory in listed if check.about.casefold() in memory.content.casefold()]
    if len(found) != 1:
        yield f"{len(found)} memories say that; there are {[memory.content for memory in listed]}"
        return
    history = await client.history(found[0].memory_id)
    versions = [_told(version) for version in history]
    if "versions" in check.fields and versions != check.fields["versions"]:
        yield f"the versions are {versions}"
    actions = []
    for version in history:
        if version.operation_id is not None:
            operation = await client.operations.get(version.operation_id)
            actions.append(action_of(operation, version, history))
    for name, wanted in (("action", check.fields.get("decided")), ("rule", check.fields.get("rules"))):
        decided = [action.get(name) for action in actions]
        if wanted is not None and decided != wanted:
            yield f"the {name}s decided are {decided}"


async def _search(stage: Stage, check: Part) -> AsyncIterator[str]:
    client, asked = stage.client_of(check.user), _asked(stage, check)
    found = await client.search(check.about, **asked)
    texts = [hit.content for hit in found]
    for fault in faults(check.fields, texts):
        yield f"{fault}; found {texts}"
    if check.fields.get("stable"):
        again = [(await client.search(check.about, **asked)).results for _ in range(3)]
        if any([hit.id for hit in other] != [hit.id for hit in found] for other in again):
            yield "asked again, it answers in another order"


async def _context(stage: Stage, check: Part) -> AsyncIterator[str]:
    client, asked = stage.client_of(check.user), _asked(stage, check)
    budget = int(check.fields.get("budget", _BUDGET))
    packed = await client.context(check.about, budget, **asked)
    texts = [item.content for item in packed]
    for fault in faults(check.fields, texts):
        yield f"{fault}; packed {texts}"
    if packed.used_tokens > budget:
        yield f"uses {packed.used_tokens} tokens of {budget}"
    dropped = sorted({gone.reason for gone in packed.dropped})
    if "dropped" in check.fields and dropped != sorted(check.fields["dropped"]):
        yield f"what is dropped is dropped for {dropped}"
    if check.fields.get("stable"):
        again = [(await client.context(check.about, budget, **asked)).pack_hash for _ in range(3)]
        if set(again) != {packed.pack_hash}:
            yield "asked again, it is another context"


def _asked(stage: Stage, check: Part) -> dict[str, Any]:
    named = {_ON_THE_CLIENT.get(name, name): check.fields[name] for name in _NARROWING if name in check.fields}
    moment = check.fields.get("as_of")
    as_of = stage.marks[moment] if isinstance(moment, str) and not moment[:1].isdigit() else moment
    return {**named, "as_of": as_of}


def _told(version: Memory) -> str:
    return "(forgotten)" if version.tombstone else version.content


_CHECKS = {"memories": _memories, "history": _history, "search": _search, "context": _context}
