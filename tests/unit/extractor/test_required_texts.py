"""What a pattern requires is in all that it matches; what it does not require is not asked for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mneme_extractor.decide.required_texts import required_trigrams
from mneme_extractor.decide.rule import Rule
from mneme_extractor.decide.rule_extraction import RULES


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("i live in", {"liv"}),
        ("(?:i|we) (?:work|toil)", {"wor", "toi"}),
        ("(?:very )?tall", {"tal"}),
        ("(?:very )+tired", {"ver"}),
        (r"\bkiwi\b", {"kiw"}),
        ("(?:work|go) there", {"her"}),
        ("(?:very )?(?=tall).*", set()),
        ("a.b|xyz", set()),
        ("[abc]de", set()),
    ],
)
def test_the_rarest_letters_that_every_way_passes_are_required(text: str, required: set[str]) -> None:
    found = required_trigrams(re.compile(text, re.IGNORECASE))
    assert bool(found) == bool(required)
    assert len(found) == len(required)
    assert all(any(one in whole for whole in (text, text.replace("\\b", ""))) for one in found)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), rule=st.sampled_from(RULES))
def test_whatever_a_rule_matches_has_what_it_requires(data: st.DataObject, rule: Rule) -> None:
    pattern = re.compile(rule.pattern.pattern, re.IGNORECASE | re.ASCII)
    text = data.draw(st.from_regex(pattern)).lower()
    required = required_trigrams(pattern)
    assert not required or any(one in text for one in required)
