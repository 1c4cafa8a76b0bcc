"""The rankings that a search may ask for by name."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mneme_gateway.decide.ranking import Profile
from mneme_gateway.decide.ranking_baselines import BM25, DENSE, RRF
from mneme_gateway.decide.ranking_best import best_profile
from mneme_gateway.decide.ranking_best_weights import CONFIDENCE, WEIGHTS
from mneme_gateway.decide.ranking_policy import S0_POLICY
from mneme_gateway.decide.ranking_profiles import S1_FUSION, S2_MESSAGE, S4_HYBRID


class RankingName(StrEnum):
    """What a ranking is called in requests."""

    BEST = "best"
    S1_FUSION = "s1_fusion"
    S4_HYBRID = "s4_hybrid"
    S2_MESSAGE = "s2_message"
    S0_POLICY = "s0_policy"
    BM25 = "bm25"
    DENSE = "dense"
    RRF = "rrf"


DEFAULT_RANKING = RankingName.BEST

_PROFILES = {profile.name: profile for profile in (S1_FUSION, S4_HYBRID, S2_MESSAGE, S0_POLICY, BM25, DENSE, RRF)}


def profile_named(name: RankingName, weights: Mapping[str, float] | None = None) -> Profile:
    """The formula behind a name; ``weights`` are those of ``best`` that a tenant has set."""
    return best_profile({**WEIGHTS, **(weights or {})}, CONFIDENCE) if name is RankingName.BEST else _PROFILES[name]
