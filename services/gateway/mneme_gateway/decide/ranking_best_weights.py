"""Learnt weights of the default ranking: data, written by ``tests/bench/gateway_search/train_ranking.py``."""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {
    "words": 0.000,
    "words_window": 0.131,
    "words_episode": 0.282,
    "related": 0.196,
    "related_window": 0.397,
    "related_episode": 0.235,
    "meaning": 0.287,
    "meaning_window": 0.205,
    "speaker": 1.276,
    "time_told": 0.854,
    "date": 1.091,
    "length": 0.393,
    "opens": 0.187,
    "question": -0.223,
    "answer_words": 0.097,
    "answer_meaning": 0.123,
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
