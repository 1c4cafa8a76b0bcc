"""What became of a dialogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mneme.answers.memories import Memory
from mneme.answers.messages import ItemPending, Message, Refused
from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class Added(Answer):
    """The messages that are kept; with ``infer=False``, the memories that were stored as they are."""

    messages: tuple[Message, ...] = ()
    memories: tuple[Memory, ...] = ()
    position: int | None = None

    @property
    def results(self) -> tuple[Message | Memory, ...]:
        """Both."""
        return self.messages + self.memories

    def __iter__(self) -> Iterator[Message | Memory]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True, kw_only=True)
class ObservedMemory(Answer):
    """A memory that a dialogue gave."""

    memory_id: str
    content: str
    memory_type: str = "semantic"


@dataclass(frozen=True, kw_only=True)
class Observed(Answer):
    """What was remembered of a dialogue, so far; ``warning`` where no model read it, or not all of it yet."""

    memories: tuple[ObservedMemory, ...] = ()
    warning: str | None = None
    message_ids: tuple[str, ...] = ()
    errors: tuple[Refused, ...] = ()
    pending: tuple[ItemPending, ...] = ()
    position: int | None = None

    def __iter__(self) -> Iterator[ObservedMemory]:
        return iter(self.memories)
