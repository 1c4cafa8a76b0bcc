from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_common.domain.text import term, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Caroline's kids weren't running", ["carolin", "kid", "run"]),
        (
            "What did she say about LGBTQ-support_groups in 2023?",
            ["say", "lgbtq", "support", "group", "2023"],
        ),
        ("an O\u2019Brien, I'm told", ["o'brien", "told"]),
        ("", []),
        ("  \t...!?", []),
    ],
)
def test_english_loses_case_stop_words_and_endings(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Z\u00fcrich caf\u00e9", "zurich CAFE"),
        ("Stra\u00dfe", "STRASSE"),
        ("cafe\u0301", "caf\u00e9"),
        ("\ufb01nal \u2460", "final 1"),
        ("\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", "\u05e9\u05dc\u05d5\u05dd"),
        ("\u0130stanbul", "istanbul"),
    ],
)
def test_spellings_of_one_word_give_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


def test_vowel_signs_do_not_cut_a_word() -> None:
    assert terms("\u0939\u093f\u0928\u094d\u0926\u0940 \u092d\u093e\u0937\u093e\u0964") == [
        "\u0939\u093f\u0928\u094d\u0926\u0940",
        "\u092d\u093e\u0937\u093e",
    ]


def test_scripts_without_spaces_are_cut_into_pairs() -> None:
    assert terms("\u6211\u559c\u6b22\u82f9\u679c pie") == [
        "\u6211\u559c",
        "\u559c\u6b22",
        "\u6b22\u82f9",
        "\u82f9\u679c",
        "pie",
    ]
    assert terms("\u732b") == ["\u732b"]


def test_an_endless_word_is_one_short_term() -> None:
    assert [len(found) for found in terms("x" * 100_000)] == [64]


@given(st.text(), st.text())
def test_joining_texts_with_a_nul_joins_their_terms(left: str, right: str) -> None:
    left, right = left.replace("\x00", ""), right.replace("\x00", "")
    assert terms(f"{left}\x00{right}") == terms(left) + terms(right)


@given(st.text())
def test_terms_are_lower_case_short_and_never_empty(text: str) -> None:
    assert all(found and len(found) <= 64 for found in terms(text))
    assert terms(text) == [found for word in words(text) if (found := term(word))]
