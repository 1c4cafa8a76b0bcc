"""Searches in requests and answers (features.md, S1-11, S2-07, S4-07, S4-08, S4-13)."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, Field

from mneme_common.contracts.commands import ConversationId, Label, Metadata, Tags, Unit
from mneme_common.domain.limits import QUERY_MAX, TOP_K_MAX
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.vectors import RecordKind
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_gateway.decide.ranking_choice import DEFAULT_RANKING, RankingName
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.parts import Owned, as_utc

_POSITION_MAX = 2**63 - 1


def _query(text: str) -> str:
    if "\x00" in text or not text.strip():
        raise ValueError("the query must have characters, and no NUL among them")
    return text.strip()


def _moment(value: object) -> datetime:
    """RFC 3339, or a date for its first moment; without a zone it is UTC."""
    if not isinstance(value, str):
        raise ValueError("a time is written as RFC 3339, for example 2026-01-31T12:00:00Z")  # noqa: TRY004  (pydantic wants it)
    return as_utc(datetime.fromisoformat(value))


def _last_moment(value: object) -> datetime:
    moment = _moment(value)
    is_date = isinstance(value, str) and len(value) == len("2026-01-31")
    return datetime.combine(moment, time.max, moment.tzinfo) if is_date else moment


def _as_of(value: object) -> int | datetime:
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        return _moment(value)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError("as_of is a ledger position or a time in RFC 3339")  # noqa: TRY004  (pydantic wants it)
    position = int(value) if len(str(value)) < 20 else -1
    if not 0 <= position <= _POSITION_MAX:
        raise ValueError("as_of is out of range")
    return position


QueryText = Annotated[str, Field(min_length=1, max_length=QUERY_MAX), AfterValidator(_query)]
AsOf = Annotated[
    int | datetime,
    BeforeValidator(_as_of),
    Field(description="The state of the records to search: a ledger position, or a time in RFC 3339."),
]
TopK = Annotated[int, Field(ge=1, le=TOP_K_MAX)]
ClampedTopK = Annotated[int, AfterValidator(lambda count: min(max(count, 1), TOP_K_MAX))]
ExplainLevel = Literal["none", "basic", "verbose", "analyze"]
Explain = Annotated[
    bool | ExplainLevel, Field(description="`true` is `basic`. What was done, why each record stands where it does.")
]


def explain_level(asked: bool | ExplainLevel) -> ExplainLevel:
    """The level behind the short form."""
    if isinstance(asked, bool):
        return "basic" if asked else "none"
    return asked


class Retrieval(Owned):
    """What is looked for among messages and memories. Every filter that is given must hold."""

    query: QueryText = Field(examples=["Where does Ada live?"])
    kinds: list[RecordKind] = Field(default_factory=list, max_length=2, description="Absent: both.")
    types: list[Kind | MemoryType] = Field(
        default_factory=list, max_length=20, description="One of these; messages have no type."
    )
    tags: Tags = Field(default_factory=list, description="All of these; messages have no tags.")
    namespace: Label | None = Field(
        None,
        validation_alias=AliasChoices("namespace", "agent_id"),
        description="Where it was said, as one for each agent. Also accepted as `agent_id`.",
    )
    session_id: Label | None = None
    author_id: Label | None = Field(None, description="Who wrote the memory; messages have no author but a `name`.")
    subject_id: Label | None = Field(None, description="Whom the memory is about; messages are about nobody.")
    pinned: bool | None = Field(None, description="Memories that are pinned, or that are not.")
    valid_at: Annotated[datetime, BeforeValidator(_moment)] | None = Field(
        None, description="Memories that hold at that time, as far as is known."
    )
    occurred_from: Annotated[datetime, BeforeValidator(_moment)] | None = Field(
        None, alias="from", description="Said or observed at this time or later; a date counts from its beginning."
    )
    occurred_to: Annotated[datetime, BeforeValidator(_last_moment)] | None = Field(
        None, alias="to", description="Said or observed at this time or earlier; a date counts to its end."
    )
    filters: Metadata = Field(
        default_factory=dict,
        validation_alias=AliasChoices("filters", "metadata"),
        description="Metadata that a record must have, equal as JSON. Also accepted as `metadata`.",
    )
    include_archived: bool = False
    as_of: AsOf | None = None
    profile: RankingName = Field(
        DEFAULT_RANKING, description="The ranking; `bm25`, `dense` and `rrf` are there to compare with."
    )
    min_score: Unit | None = Field(
        None,
        description="What each result must reach. Absent: none is found when even the first is most unlikely; 0: all.",
    )
    score_gap: Unit | None = Field(
        None, description="The results end where a score lies more than this below the one before."
    )


class SearchIn(Retrieval):
    """Messages and memories in one ranking."""

    top_k: TopK = 10
    explain_missing: UUID | None = Field(
        None, description="A record's id: `explain.missing` says why it is not among the results."
    )
    explain: Explain = False
    rerank: bool | None = Field(
        None,
        description="Whether a second model reads all candidates with the query. Absent: as the tenant has it.",
    )
    index: Literal["serving", "shadow"] = Field(
        "serving", description="`shadow`: by the vectors that are being filled beside those that serve; for operators."
    )


class SearchHit(BaseModel):
    """A message or a memory. ``score`` comes of the weighted sum of ``components``.

    By `best` it is how likely the record answers the query, from 0 to 1; by the others the sum itself.
    """

    id: str
    kind: RecordKind
    content: str
    score: float
    components: dict[str, float]
    role: str | None = None
    name: str | None = None
    session_id: str | None = None
    namespace: str | None = None
    occurred_at: datetime
    created_at: datetime
    importance: float
    metadata: dict[str, JsonValue]
    type: str | None = None
    memory_type: str | None = None
    tags: list[str] = Field(default_factory=list)
    trust_tier: str | None = None
    revision: int
    source_message_ids: list[str] = Field(default_factory=list)


class SearchOut(BaseModel):
    """``items`` repeats ``results``. ``position`` is the place in the user's ledger that the answer shows."""

    results: list[SearchHit]
    items: list[SearchHit]
    position: int
    degraded: list[str] | None = Field(None, description="What was away: the answer rests on the rest.")
    explain: dict[str, object] | None = None


class MemorySearchIn(Owned):
    """Memories by meaning, words, time and confidence."""

    query: QueryText = Field(examples=["What does Ada like to eat?"])
    top_k: ClampedTopK = Field(10, description="Taken as 1 or 100 where it is outside of 1 to 100.")
    memory_types: list[MemoryType | Kind] = Field(default_factory=list, max_length=20)
    session_id: Label | None = None
    as_of: AsOf | None = None
    explain: Explain = False


class RetrieveIn(MemorySearchIn):
    """The same; memories of the session go before the others, or are the only ones."""

    session_scope: Literal["prefer", "only"] = "prefer"


class MessageSearchIn(Owned):
    """The parameters of GET /v1/memory/search (S2-07)."""

    query: QueryText
    conversation_id: ConversationId | None = None
    top_k: int = Field(5, ge=1, le=20, description="At most 8 are answered.")
    importance_min: Unit | None = None
    min_importance: Unit | None = Field(None, description="Another name of `importance_min`.")
    candidate_limit: int = Field(200, ge=1, le=1000, description="At most 80 are considered.")
    as_of: AsOf | None = None


class MessageHit(BaseModel):
    """A message found by meaning (S2-07)."""

    message_id: str
    score: float
    similarity: float
    decay: float
    content: str
    role: str
    name: str | None = None
    conversation_id: str
    metadata: dict[str, JsonValue]
    importance: float
    occurred_at: datetime
    created_at: datetime


class MessageSearchOut(BaseModel):
    """``results`` repeats ``items``."""

    total: int
    items: list[MessageHit]
    results: list[MessageHit]
    position: int
    degraded: list[str] | None = None


class ExplainedMemories(BaseModel):
    """The answer when an explanation was asked for; without one it is the bare list."""

    results: list[MemoryOut]
    position: int
    degraded: list[str] | None = None
    explain: dict[str, object]
