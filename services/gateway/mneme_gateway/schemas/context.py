"""Contexts in requests and answers (features.md, S1-12; Part 4, item 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from mneme_common.domain.limits import TOKEN_BUDGET_MAX, TOP_K_MAX
from mneme_common.domain.vectors import RecordKind
from mneme_gateway.decide.context_packing import DropReason
from mneme_gateway.schemas.search import Retrieval, TopK

TokenBudget = Annotated[int, Field(ge=1, le=TOKEN_BUDGET_MAX)]


class ContextIn(Retrieval):
    """What is looked for, and how much of it there is room for."""

    token_budget: TokenBudget = Field(1_000, description="The context never has more tokens, as `tokenizer` counts.")
    top_k: TopK = Field(TOP_K_MAX, description="How many of what was found, from the best on, may be packed.")


class Provenance(BaseModel):
    """Where something comes from: enough to read it again as it was."""

    id: str = Field(description="The id of the message, or of this version of the memory.")
    memory_id: str | None = Field(None, description="The same for memories.")
    kind: RecordKind
    root_id: str | None = None
    version: int = Field(description="Of the memory; of a message its revision.")
    source: str
    source_message_ids: list[str] = Field(default_factory=list)
    session_id: str | None = None
    role: str | None = None
    name: str | None = None
    occurred_at: datetime
    created_at: datetime
    score: float


class ContextItem(Provenance):
    """A line of the context: `[number] date speaker: text`."""

    number: int
    content: str
    line: str
    tokens: int = Field(description="Of the line alone; their sum may exceed `used_tokens`, which is rounded once.")
    pinned: bool = False
    duplicates: list[Provenance] = Field(default_factory=list, description="What says the same and was left out.")


class DroppedItem(BaseModel):
    """Something that was found and is not in the context."""

    id: str
    kind: RecordKind
    score: float
    reason: DropReason
    source_message_ids: list[str] = Field(default_factory=list)


class ContextOut(BaseModel):
    """A context to be put before a model, and where each line comes from."""

    context: str
    items: list[ContextItem]
    used_tokens: int
    token_budget: int
    dropped: list[DroppedItem]
    pack_hash: str = Field(description="SHA-256 of the context's UTF-8, in hex: equal requests have equal hashes.")
    tokenizer: str = Field(description="How tokens are counted: `utf8-bytes/4` is the bytes by four, rounded up.")
    position: int = Field(description="The place in the user's ledger that the context shows.")
    as_of: datetime = Field(description="From when ages were counted: the full minute unless the request said.")
    degraded: list[str] | None = Field(None, description="What was away: the context rests on the rest.")
