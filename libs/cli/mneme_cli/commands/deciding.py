"""`mneme why` and `mneme undo`: the decision behind a memory, and going back on it."""

from __future__ import annotations

from typing import Annotated

import typer

from mneme.answers.decisions import Decision
from mneme.answers.memories import Memory
from mneme_cli.reasons import quotes
from mneme_cli.screen import fields, shown, table, when
from mneme_cli.session import Session

VersionId = Annotated[str, typer.Argument(help="The id of a version of the memory.")]


def why(session: Session, memory_id: VersionId) -> None:
    """Say why a memory is as it is: what was compared, the scores, and the rule that chose."""
    with session.client() as client:
        found = client.decision(memory_id)
        version = next(one for one in client.history(memory_id) if one.memory_id == found.memory_id)
    if session.screen.as_json:
        session.screen.json(found.raw)
        return
    session.screen.say(shown(f"version {found.version}: {version.content or '(forgotten)'}"))
    session.screen.say(fields(_told(found, version)))
    if found.candidates:
        rows = [
            [one.memory_id, f"{one.score:.3f}", "yes" if one.overlap else "no", "yes" if one.contradicts else "no"]
            for one in found.candidates
        ]
        session.screen.say(table("compared with", "similar", "same identity field", "contradicts", rows=rows))


def undo(
    session: Session,
    identifier: Annotated[str, typer.Argument(help="The id of any version of the memory, or of an operation.")],
    *,
    operation: Annotated[bool, typer.Option("--operation", help="The id is an operation's.")] = False,
    version: Annotated[int | None, typer.Option(min=1, help="Only if this is the memory's last version.")] = None,
    reason: Annotated[str | None, typer.Option(help="Kept in the memory's history.")] = None,
) -> None:
    """Go back to what held before the last decision on a memory; doing it again brings back what was undone."""
    with session.client() as client:
        if operation:
            undone = client.operations.undo(identifier, reason=reason)
            raw, written = undone.raw, undone.memories
        else:
            memory = client.undo(identifier, version=version, reason=reason)
            raw, written = memory.raw, (memory,)
    if session.screen.as_json:
        session.screen.json(raw)
        return
    for memory in written:
        said = "forgotten" if memory.tombstone else memory.content
        session.screen.say(shown(f"{memory.memory_id} version {memory.version}: {said}"))


def _told(decision: Decision, version: Memory) -> dict[str, object]:
    told: dict[str, object] = {
        "decided": decision.action,
        "by": (decision.rule or decision.basis).replace("_", " "),
        "score": decision.score,
        "thresholds": ", ".join(f"{name} from {least}" for name, least in decision.thresholds.items()),
        "replaced": decision.target,
        "gone back to": decision.restored,
        "proposed by": decision.extractor,
        "model": decision.model,
        "prompt": decision.prompt_hash,
        "schema": decision.schema_version,
        "words": quotes(version),
        "applied": when(decision.applied_at) if decision.applied_at else None,
        "operation": decision.operation_id,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}
