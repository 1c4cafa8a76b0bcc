"""Re-embedding in requests and answers (features.md, S1-27)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, computed_field, model_validator

from mneme_common.domain.vector_indexes import (
    DEFAULT_MODELS,
    FASTEMBED,
    WORDLLAMA,
    WORDLLAMA_NAME,
    IndexState,
    ModelChoice,
)
from mneme_gateway.schemas.parts import RequestModel

DIMENSIONS_MAX = 4_000
"""Beyond that, rows of vectors do not fit a page of PostgreSQL."""

ModelName = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:-]*$")]


class ReembedIn(RequestModel):
    """The model to embed everything with; keys and addresses are those of the services' settings."""

    embedder: Literal["wordllama", "openai", "fastembed"]
    model: ModelName | None = Field(None, description="Absent: the embedder's default; wordllama is one model only.")
    dimensions: int | None = Field(None, ge=1, le=DIMENSIONS_MAX, description="For models that can shorten vectors.")

    @model_validator(mode="after")
    def _is_one_model(self) -> Self:
        if self.embedder == WORDLLAMA and (self.dimensions is not None or self.model not in (None, WORDLLAMA_NAME)):
            raise ValueError("wordllama is one model only: it takes neither model nor dimensions")
        if self.embedder == FASTEMBED and self.dimensions is not None:
            raise ValueError("dimensions are for openai: other models cannot shorten vectors")
        return self

    @property
    def choice(self) -> ModelChoice:
        """What is to be opened."""
        return ModelChoice(self.embedder, self.model or DEFAULT_MODELS[self.embedder], self.dimensions)


class IndexOut(BaseModel):
    """One index. `filled` of `expected` versions have their vectors; `refused` were refused by the model.

    `problem` is what the filling waits for.
    """

    model: str
    embedder: str
    embedding_model: str
    dimensions: int | None
    state: IndexState
    expected: int
    filled: int
    refused: int
    problem: str | None
    started_at: datetime
    ready_at: datetime | None
    served_at: datetime | None
    retired_at: datetime | None
    dropped_at: datetime | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def progress(self) -> float:
        """From 0 to 1."""
        done = self.state in (IndexState.READY, IndexState.SERVING, IndexState.RETIRED, IndexState.DROPPED)
        return 1.0 if done else round(min(self.filled / self.expected, 1.0), 4) if self.expected else 0.0


class ReembedStatus(BaseModel):
    """The index that searches use, the one that is being filled, and those that were before."""

    serving: IndexOut | None
    shadow: IndexOut | None
    earlier: list[IndexOut]
