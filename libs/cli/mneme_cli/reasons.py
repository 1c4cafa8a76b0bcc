"""Why a memory is as it is: its versions, the words behind each, and the decision that wrote it."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.text import Text

from mneme import Mneme
from mneme.answers.memories import History, Memory
from mneme.answers.operations import Operation
from mneme_cli.screen import day, shown

_OPERATIONS = {"create": "first said", "version": "changed", "forget": "ended", "undo": "undone"}
_WRITES_A_VERSION = ("create", "update")


def decisions_of(client: Mneme, history: History) -> dict[str, Operation]:
    """The operations behind the versions, by the version's id."""
    return {
        version.memory_id: client.operations.get(version.operation_id)
        for version in history
        if version.operation_id is not None
    }


def told(history: History, operations: Mapping[str, Operation]) -> Group:
    """The chain of versions, each with its words and its decision."""
    parts = []
    for version in history:
        said = "(forgotten)" if version.tombstone else version.content
        parts.append(Text.assemble((f"  version {version.version}  ", "bold"), shown(said)))
        parts.append(Text(f"             {shown(_because(version))}", "dim"))
        if version.memory_id in operations:
            parts.append(
                Text(f"             {shown(_decided(operations[version.memory_id], version, history))}", "dim")
            )
    return Group(*parts)


def quotes(memory: Memory) -> str:
    """The words that a memory was drawn from."""
    return " ... ".join(str(span.get("quote", "")) for span in memory.spans)


def _because(version: Memory) -> str:
    moment = version.created_at if version.tombstone else version.observed_at
    parts = [f"{_OPERATIONS.get(version.op, version.op)} {day(moment)}"]
    parts += [f'"{quotes(version)}"'] if version.spans and not version.tombstone else []
    parts += [version.reason] if version.reason else []
    return ", ".join(parts)


def _decided(operation: Operation, version: Memory, history: History) -> str:
    decision = operation.decision or {}
    action = action_of(operation, version, history)
    parts = [f"decided: {action.get('action')}"]
    parts += [str(action["rule"]).replace("_", " ")] if action.get("rule") else []
    parts += [f"score {action['score']}"] if action.get("score") is not None else []
    parts += [f"proposed by {decision['extractor']}"] if decision.get("extractor") else []
    return ", ".join(parts)


def action_of(operation: Operation, version: Memory, history: History) -> Mapping[str, object]:
    """The action of the operation that wrote this version: it names the one before, or stands at its place."""
    listed = (operation.decision or {}).get("actions")
    actions = [action for action in listed if isinstance(action, Mapping)] if isinstance(listed, list) else []
    ids = {other.memory_id for other in history}
    for action in actions:
        if str(action.get("target") or "").replace("-", "") in ids:
            return action
    written = (operation.outcome or {}).get("memory_ids")
    places = [str(memory_id).replace("-", "") for memory_id in written] if isinstance(written, list) else []
    writing = [action for action in actions if action.get("action") in _WRITES_A_VERSION]
    if version.memory_id in places and len(places) == len(writing):
        return writing[places.index(version.memory_id)]
    return actions[0] if len(actions) == 1 else {"action": operation.type}
