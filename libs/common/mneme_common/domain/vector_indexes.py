"""The vector indexes of a deployment: one serves searches, another may be filled in its shadow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

WORDLLAMA, OPENAI, FASTEMBED = "wordllama", "openai", "fastembed"
WORDLLAMA_NAME = "wordllama-l2-supercat-256"
DEFAULT_MODELS = {WORDLLAMA: WORDLLAMA_NAME, OPENAI: "text-embedding-3-small", FASTEMBED: "BAAI/bge-small-en-v1.5"}
"""The embedders that there are, each with its default model."""


class IndexState(StrEnum):
    """``clearing`` → ``filling`` → ``following`` → ``ready`` → ``serving`` → ``retired`` → ``dropped``.

    A shadow that is cleared loses what an earlier attempt has left; one that is filled gets what is recorded; from
    ``following`` on new writes reach it too. One that cannot keep up goes back to ``filling``.
    """

    CLEARING = "clearing"
    FILLING = "filling"
    FOLLOWING = "following"
    READY = "ready"
    SERVING = "serving"
    RETIRED = "retired"
    DROPPED = "dropped"


SHADOW_STATES = frozenset({IndexState.CLEARING, IndexState.FILLING, IndexState.FOLLOWING, IndexState.READY})
WRITTEN_STATES = frozenset({IndexState.SERVING, IndexState.FOLLOWING, IndexState.READY})
"""Indexes that every new write reaches."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What it takes to open an embedding model; ``dimensions`` None is the model's own."""

    embedder: str
    model: str
    dimensions: int | None = None

    @property
    def name(self) -> str:
        """What the vectors are filed under: models that do not share a space never share a name."""
        if self.embedder == WORDLLAMA:
            return WORDLLAMA_NAME
        shortened = "" if self.dimensions is None else f"@{self.dimensions}"
        return f"{self.embedder}/{self.model}{shortened}"

    @property
    def settings(self) -> str:
        """The settings that choose it, as one would write them."""
        given = [f"MNEME_EMBEDDER={self.embedder}"]
        if self.embedder != WORDLLAMA:
            given.append(f"MNEME_EMBEDDING_MODEL={self.model}")
        if self.dimensions is not None:
            given.append(f"MNEME_EMBEDDING_DIMENSIONS={self.dimensions}")
        return " ".join(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorIndex:
    """One index as its row has it. ``retired_at`` is when it stopped to serve, or was cancelled."""

    choice: ModelChoice
    state: IndexState
    retired_at: datetime | None = None

    @property
    def name(self) -> str:
        """The name of its model."""
        return self.choice.name


class UnservedModelError(RuntimeError):
    """The settings name a model that is not the one whose vectors are stored; its text says what to do."""


def serving_of(indexes: Iterable[VectorIndex]) -> VectorIndex | None:
    """The one that searches use."""
    return next((index for index in indexes if index.state is IndexState.SERVING), None)


def shadow_of(indexes: Iterable[VectorIndex]) -> VectorIndex | None:
    """The one that is being filled beside it."""
    return next((index for index in indexes if index.state in SHADOW_STATES), None)


def model_to_serve(indexes: Sequence[VectorIndex], configured: ModelChoice) -> ModelChoice:
    """The model that searches use, whatever the settings name once an index has been flipped.

    Without any index it is the one of the settings. Raises UnservedModelError when they name a model that nobody has
    ever asked to be filled: its vectors would be missing, and those of two models cannot be compared.
    """
    serving = serving_of(indexes)
    if serving is None:
        return configured
    if any(index.name == configured.name for index in indexes):
        return serving.choice
    how = f"--embedder {configured.embedder}"
    if configured.embedder != WORDLLAMA:
        how += f" --model {configured.model}"
    if configured.dimensions is not None:
        how += f" --dimensions {configured.dimensions}"
    raise UnservedModelError(
        f"the stored vectors are of {serving.name}, and the settings name {configured.name}; the two cannot be mixed."
        f" Set it back ({serving.choice.settings}), start, and run `mneme reembed start {how}`:"
        " it fills an index of the new model while the old one serves."
    )
