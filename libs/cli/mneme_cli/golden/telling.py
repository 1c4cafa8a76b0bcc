"""Doing what a case says is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mneme import AsyncMneme
from mneme_cli.golden.case import Case, Part

_ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Stage:
    """A case on a server: the users that it has to itself, and the ledger positions that it has marked."""

    client: AsyncMneme
    case: Case
    prefix: str
    marks: dict[str, int] = field(default_factory=dict)

    def client_of(self, name: str) -> AsyncMneme:
        """A client of the user who plays this part."""
        return self.client.with_options(user_id=f"{self.prefix}-{name}")


class NothingToForgetError(Exception):
    """A step forgets what is not remembered, or what several memories say."""


async def tell(stage: Stage, phase: int) -> None:
    """Does the steps of a phase in their order; raises MnemeError and NothingToForgetError."""
    for step in stage.case.phases[phase] if phase < len(stage.case.phases) else ():
        await _ACTS[step.act](stage, step)


async def _say(stage: Stage, step: Part) -> None:
    said = step.fields
    await stage.client_of(step.user).messages.record(
        step.about,
        role=str(said.get("role", "user")),
        name=said.get("by"),
        conversation_id=said.get("in"),
        occurred_at=_moment(said),
        namespace=said.get("namespace"),
        metadata=said.get("metadata"),
        importance=said.get("importance"),
    )


async def _know(stage: Stage, step: Part) -> None:
    known = step.fields
    await stage.client_of(step.user).memories.store(
        step.about,
        key=known.get("key"),
        tags=known.get("tags"),
        namespace=known.get("namespace"),
        type=known.get("type"),
        memory_type=known.get("memory_type"),
        pinned=known.get("pinned"),
        importance=known.get("importance"),
        session_id=known.get("in"),
        observed_at=_moment(known),
        extra_metadata=known.get("metadata"),
    )


async def _forget(stage: Stage, step: Part) -> None:
    client = stage.client_of(step.user)
    listed = await client.get_all()
    found = [memory for memory in listed if step.about.casefold() in memory.content.casefold()]
    if len(found) != 1:
        raise NothingToForgetError(f"{len(found)} memories say {step.about!r}, one is to be forgotten")
    await client.memories.delete(found[0].memory_id)


async def _mark(stage: Stage, step: Part) -> None:
    found = await stage.client_of(step.user).search(_ANYTHING, top_k=1)
    stage.marks[step.about] = found.position or 0


def _moment(fields: Mapping[str, object]) -> str | None:
    return None if fields.get("at") is None else str(fields["at"])


_ACTS = {"say": _say, "know": _know, "forget": _forget, "mark": _mark}
