"""Secrets block, personal data is replaced (S4-54)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_common.domain.sensitivity import find_secret, scrub


@pytest.mark.parametrize(
    "text",
    [
        "key AKIAIOSFODNN7EXAMPLE here",
        "-----BEGIN RSA PRIVATE KEY-----",
        "Authorization: Bearer abcdefghijklmnop123456",
        "password: hunter2",
        "the secret=abc",
    ],
)
def test_secrets_are_found_in_text(text: str) -> None:
    """The high class of S4-54."""
    assert find_secret(text) is not None


@pytest.mark.parametrize("text", ["I forgot my password", "Bearer of good news", "a secret garden", "AKIA"])
def test_talk_about_secrets_is_no_secret(text: str) -> None:
    """Words alone block nothing."""
    assert find_secret(text) is None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail ann.b@example.co.uk now", "mail [email] now"),
        ("ssn 123-45-6789.", "ssn [ssn]."),
        ("card 4111 1111 1111 1111 ok", "card [card] ok"),
        ("call +49 170 123 4567", "call [phone]"),
        ("call (555) 123-4567 today", "call [phone] today"),
        ("born in 1990, 2 cats, room 12, 2023-05-08", "born in 1990, 2 cats, room 12, 2023-05-08"),
    ],
)
def test_personal_data_is_replaced_and_numbers_are_left(text: str, clean: str) -> None:
    """The medium class of S4-54; years, counts and dates stay."""
    assert scrub(text) == clean


@given(st.text())
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    """What was replaced is not found again."""
    assert scrub(scrub(text)) == scrub(text)
