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

CONFIDENCE: Mapping[str, float] = {
    "covered": 1.214,
    "covered_related": 0.829,
    "meaning": 5.115,
    "spoken_words": 2.687,
    "spoken_related": 1.114,
    "spoken_meaning": 0.000,
    "bias": -7.201,
    "fall": 0.500,
    "threshold": 0.100,
}
