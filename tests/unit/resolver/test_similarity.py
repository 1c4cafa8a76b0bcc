"""Which memory a proposal is about."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from mneme_common.domain.records import Memory
from mneme_resolver.decide.bm25 import ClassIndex, weighted_terms
from mneme_resolver.decide.classes import CLASSES
from mneme_resolver.decide.identity import object_key
from mneme_resolver.decide.similarity import match_deletion, match_proposal
from mneme_resolver.decide.state import UserState
from tests.fixtures.records import a_memory


def memory(class_name: str, **values: str) -> Memory:
    """A live memory of a class."""
    memory_class = CLASSES[class_name]
    identity = object_key(memory_class, values, None)
    return a_memory(uuid4(), memory_class=class_name, object_key=identity, values=dict(values))


def knowing(*memories: Memory) -> UserState:
    """A user's state with these live memories."""
    state = UserState("acme", "ann")
    for known in memories:
        state.add_memory(known)
    return state


def test_the_same_identity_is_updated_whatever_the_words() -> None:
    """Where somebody lives is one fact, wherever it is."""
    known = memory("profile_fact", subject="user", attribute="residence", value="Berlin")
    values = {"subject": "User ", "attribute": "residence", "value": "Lisbon"}
    action = match_proposal(CLASSES["profile_fact"], values, None, knowing(known))
    assert (action.action, action.basis, action.target) == ("update", "identity", known.memory_id)


def test_another_wording_of_a_rule_is_an_update_by_similarity() -> None:
    """Same terms in another order: similar enough, with the score on record."""
    known = memory("rule", subject="user", rule="always answer questions in formal English")
    others = [memory("rule", subject="user", rule=f"never mention {topic}") for topic in ("cats", "dogs", "rain")]
    values = {"subject": "user", "rule": "answer questions always in formal English"}
    action = match_proposal(CLASSES["rule"], values, None, knowing(known, *others))
    assert (action.action, action.basis, action.rule, action.target) == ("update", "bm25", "similar", known.memory_id)
    assert action.candidates[0].score >= 0.8


def test_the_same_words_of_another_subject_are_another_memory() -> None:
    """An exact identity field that differs forbids an update, however similar the words."""
    known = memory("rule", subject="maria", rule="never call before nine")
    values = {"subject": "john", "rule": "never call before nine"}
    action = match_proposal(CLASSES["rule"], values, None, knowing(known))
    assert (action.action, action.rule) == ("create", "another_identity")


def test_something_else_creates_and_says_what_was_considered() -> None:
    """Below the lower threshold nothing is touched."""
    known = memory("goal", subject="user", goal="learn to play the cello")
    values = {"subject": "user", "goal": "learn Portuguese before summer"}
    action = match_proposal(CLASSES["goal"], values, None, knowing(known))
    assert (action.action, action.rule) == ("create", "nothing_similar")
    assert [candidate.memory_id for candidate in action.candidates] == [known.memory_id]


def test_the_kill_switch_creates_even_over_the_same_identity() -> None:
    """Nothing is merged while it is on (S1-50)."""
    known = memory("profile_fact", subject="user", attribute="residence", value="Berlin")
    state = knowing(known)
    state.create_only = True
    action = match_proposal(CLASSES["profile_fact"], dict(known.values), None, state)
    assert (action.action, action.basis) == ("create", "create_only")


def test_only_an_unambiguous_identity_is_deleted() -> None:
    """Two candidates are one too many; the subject alone names nothing."""
    jazz, tea = (memory("preference", subject="user", topic=topic, polarity="likes") for topic in ("jazz", "tea"))
    state = knowing(jazz, tea)
    preference = CLASSES["preference"]
    assert match_deletion(preference, {"subject": "user", "topic": "Jazz"}, None, state).target == jazz.memory_id
    assert match_deletion(preference, {"subject": "user"}, None, state).action == "drop"
    assert match_deletion(preference, {"subject": "user", "topic": "rap"}, None, state).rule == "no_such_memory"


WORDS = st.lists(
    st.sampled_from(["red", "blue", "house", "tree", "river", "stone", "light", "cloud"]), min_size=1, max_size=8
)


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_scores_lie_between_zero_and_one_and_removal_undoes_adding(
    documents: list[list[str]], query: list[str]
) -> None:
    """A document equal to the query scores 1 as the best; an index forgets what is removed."""
    rule = CLASSES["rule"]
    index = ClassIndex()
    ids = [UUID(int=number) for number in range(len(documents))]
    for memory_id, words in zip(ids, documents, strict=True):
        index.add(memory_id, weighted_terms(rule, {"rule": " ".join(words)}))
    asked = weighted_terms(rule, {"rule": " ".join(query)})
    before = index.scores(asked)
    assert all(0.0 <= score <= 1.0 for _, score in before)
    same = UUID(int=99)
    index.add(same, asked)
    assert dict(index.scores(asked, best=50))[same] == 1.0
    index.remove(same)
    assert index.scores(asked) == before
