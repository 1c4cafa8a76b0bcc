"""Properties of the rules that hold whatever is said."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mneme_extractor.decide.clauses import split_clauses
from mneme_extractor.decide.memory_classes import CLASSES, fault_of
from mneme_extractor.decide.rule_extraction import RULES, candidates, extract
from mneme_extractor.decide.sentences import split_sentences
from mneme_extractor.decide.utterance import Utterance, plain
from tests.unit.extractor.speech import SAID_AT
from tests.unit.extractor.test_rules_find_statements import TABLE
from tests.unit.extractor.test_rules_keep_silent import SILENT

_SENTENCES = [*TABLE, *SILENT]
_PIECES = st.one_of(
    st.sampled_from(_SENTENCES),
    st.text(max_size=30),
    st.sampled_from(
        [" ", "\n", ", ", " and ", "“", '"', "```", "I ", "I'm ", "my ", "not ", "forget ", "last week", "😀", "\u2019"]
    ),
)
_CONTENT = st.lists(_PIECES, max_size=12).map("".join)
_MOMENTS = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31))  # noqa: DTZ001  (any day will do)


@settings(deadline=None)
@given(content=_CONTENT, said_at=_MOMENTS, name=st.none() | st.text(max_size=10))
def test_any_text_yields_valid_statements_inside_itself(content: str, said_at: datetime, name: str | None) -> None:
    for statement in extract(Utterance(content, "user", name, said_at)):
        assert 0 <= statement.start < statement.end <= len(content)
        assert content[statement.start : statement.end].strip()
        assert set(statement.values) <= {"subject", *CLASSES[statement.memory_class].fields}
        if statement.action == "create":
            assert fault_of(CLASSES[statement.memory_class], statement.values) is None
        assert 0 < statement.confidence <= 1


@settings(deadline=None)
@given(content=_CONTENT)
def test_equal_utterances_give_equal_statements(content: str) -> None:
    assert extract(Utterance(content, "user", None, SAID_AT)) == extract(Utterance(content, "user", None, SAID_AT))


@settings(deadline=None)
@given(content=_CONTENT)
def test_each_identity_is_stated_at_most_once(content: str) -> None:
    statements = extract(Utterance(content, "user", None, SAID_AT))
    identities = [
        (s.memory_class, *(str(s.values.get(field, "")).lower() for field in CLASSES[s.memory_class].identity))
        for s in statements
    ]
    assert len(identities) == len(set(identities))


@pytest.mark.parametrize("sentence", _SENTENCES)
def test_the_opening_of_a_clause_rules_out_only_what_cannot_match(sentence: str) -> None:
    for part in split_sentences(plain(sentence)):
        for clause in split_clauses(part, lenient=False):
            tried = set(candidates(clause))
            assert not [rule.name for rule in RULES if rule not in tried and rule.pattern.match(clause.text)]


_LONG = {
    "blanks": "I live in" + " " * 99_000 + "x",
    "dots": "." * 100_000 + "a",
    "quotes": '"' * 100_000,
    "subjects": "I " * 50_000,
    "commas": "I love " + "a, " * 33_000,
    "names": "My sister " + "Anna " * 19_000,
    "brackets": "(" * 100_000,
    "backticks": "`" * 100_000,
    "tails": "I love x" + " too" * 24_000,
    "lists": ("I love " + "ab cd, " * 200 + ". ") * 60,
}


@pytest.mark.parametrize("case", _LONG)
def test_no_text_of_the_longest_kind_takes_seconds(case: str) -> None:
    started = time.process_time()
    extract(Utterance(_LONG[case], "user", None, SAID_AT))
    assert time.process_time() - started < 2.0
