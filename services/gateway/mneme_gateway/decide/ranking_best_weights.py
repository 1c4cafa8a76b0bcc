"""Learnt weights of the default ranking: data, written by ``tests/bench/gateway_search/train_ranking.py``."""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {
    "words": 0.000,
    "words_window": 0.124,
    "words_episode": 0.353,
    "related": 0.196,
    "related_window": 0.367,
    "related_episode": 0.236,
    "meaning": 0.203,
    "meaning_window": 0.268,
    "speaker": 1.190,
    "time_told": 0.883,
    "date": 1.074,
    "length": 0.408,
    "question": -0.213,
    "answer_words": 0.100,
    "answer_meaning": 0.068,
}
