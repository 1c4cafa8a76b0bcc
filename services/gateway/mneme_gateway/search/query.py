"""What is searched for: the request as search understands it, whichever endpoint it came through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.vectors import RecordKind
from mneme_gateway.decide.ranking import Profile
from mneme_gateway.decide.ranking_cut import Cut
from mneme_gateway.decide.ranking_feedback import FEEDBACK_WEIGHT
from mneme_gateway.decide.ranking_policy import words_sought


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Every filter that is given must hold: one of the kinds and types, all of the tags and metadata.

    Tags, author, subject, ``pinned`` and ``valid_at`` are of memories: with one of them no message is found.
    """

    kinds: frozenset[RecordKind] = frozenset(RecordKind)
    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    session_id: str | None = None
    namespace: str | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    importance_min: float | None = None
    author_id: str | None = None
    subject_id: str | None = None
    pinned: bool | None = None
    valid_at: datetime | None = None
    include_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One search. ``pool`` is how many candidates each of the two sides, words and meaning, may bring.

    ``as_of`` is a ledger position, or a time; None is the present. ``preferred_session`` goes before the rest.
    ``min_score`` and ``score_gap`` are those of ``Cut``; ``feedback_weight`` is that of ``ranking_feedback``.
    ``in_shadow``: by the vectors that are being filled. ``rerank``: a second stage reads the candidates.
    """

    text: str
    top_k: int
    pool: int
    profile: Profile
    filters: Filters = field(default_factory=Filters)
    preferred_session: str | None = None
    as_of: int | datetime | None = None
    min_score: float | None = None
    score_gap: float | None = None
    in_shadow: bool = False
    feedback_weight: float = FEEDBACK_WEIGHT
    rerank: bool = False

    @property
    def sought(self) -> tuple[str, ...] | None:
        """Words of which a record must contain one; None when it need not."""
        return words_sought(self.text) if self.profile.latest_first else None

    @property
    def cut(self) -> Cut:
        """Where results end before ``top_k``."""
        return Cut(self.min_score, self.score_gap, self.profile.abstains_below)
