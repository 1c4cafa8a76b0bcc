"""Distilling without a model: fewer tokens, and everything that was said is still there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_retention.decide.distilling import covers, distil, without_repetitions
from mneme_retention.decide.reflection import COOLDOWN, Node, Reflection, find_clusters, is_due, stale

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_SUBJECTS = ("The user", "Ann", "Ann's sister")
_VERBS = ("loves", "does not like", "lives in", "went hiking in", "is allergic to")
_THINGS = ("tea", "green tea", "Berlin", "the Alps on 2024-05-07", "peanuts", "3 dogs", "São Paulo")
_SENTENCES = st.builds(
    "{} {} {}.".format, st.sampled_from(_SUBJECTS), st.sampled_from(_VERBS), st.sampled_from(_THINGS)
)


def _tokens(text: str) -> int:
    """As contexts count them."""
    return -(-len(text.encode()) // 4)


def _node(number: int, content: str, session: str | None = None, namespace: str | None = None) -> Node:
    return Node(
        memory_id=UUID(int=number),
        content=content,
        session_id=session if session is not None else f"s{number}",
        namespace=namespace,
        created_at=NOW + timedelta(minutes=number),
    )


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        ((), ""),
        (("The user loves tea.",), "The user loves tea."),
        (("The user loves tea.", "The user loves jam.", "The user loves rain."), "The user loves tea, jam and rain."),
        (("The user loves tea.", "The user loves tea."), "The user loves tea."),
        (("The user loves tea.", "The user loves green tea."), "The user loves green tea."),
        (("The user loves tea.", "The user does not love tea."), "The user loves tea and does not love tea."),
        (
            ("Ann went hiking on 2024-05-07.", "Ann went hiking on 2024-06-01.", "Ann lives in Berlin."),
            "Ann went hiking on 2024-05-07 and 2024-06-01; lives in Berlin.",
        ),
    ],
)
def test_common_beginnings_are_said_once(sentences: tuple[str, ...], text: str) -> None:
    assert distil(sentences) == text


@given(st.lists(_SENTENCES, max_size=12))
def test_everything_that_was_said_is_still_there_in_no_more_tokens(sentences: list[str]) -> None:
    text = distil(sentences)
    assert all(covers(text, sentence) for sentence in sentences)
    assert _tokens(text) <= sum(_tokens(sentence) for sentence in sentences) + 1
    assert distil(list(sentences)) == text


@given(st.lists(_SENTENCES, max_size=12))
def test_only_what_others_say_in_full_is_left_out(sentences: list[str]) -> None:
    kept = without_repetitions(sentences)
    assert set(kept) <= set(sentences)
    assert all(any(covers(other, sentence) for other in kept) for sentence in sentences)
    assert len(without_repetitions(kept)) == len(kept)


def test_what_belongs_together_is_found_across_sessions() -> None:
    nodes = [
        _node(1, "The user loves hiking."),
        _node(2, "The user went hiking in the Alps on 2024-05-07."),
        _node(3, "The user bought hiking boots."),
        _node(4, "The user lives in Berlin."),
        _node(5, "The user works at Acme."),
        _node(6, "The user has a dog."),
        _node(7, "The user drinks coffee."),
    ]
    (cluster,) = find_clusters(nodes)
    assert (cluster.topic, cluster.signal, cluster.key) == ("hike", "semantic_cluster", "reflection/hike")
    assert [node.memory_id.int for node in cluster.members] == [1, 2, 3]
    assert cluster.importance == 0.65


def test_one_session_or_two_memories_are_no_cluster() -> None:
    said = ("loves hiking", "went hiking", "bought hiking boots")
    assert find_clusters([_node(n, f"The user {what}.", "same") for n, what in enumerate(said, 1)]) == []
    assert find_clusters([_node(n, f"The user {what}.") for n, what in enumerate(said[:2], 1)]) == []


def test_what_is_denied_elsewhere_is_a_contradiction() -> None:
    said = ("likes hiking", "does not like hiking", "bought hiking boots")
    (cluster,) = find_clusters([_node(n, f"Ann {what}.") for n, what in enumerate(said, 1)])
    assert cluster.signal == "contradiction"


def test_namespaces_are_reflected_on_apart_and_only_the_newest_fifty_are_looked_at() -> None:
    nodes = [_node(n, f"Ann hiked {n}.", namespace=f"n{n % 2}") for n in range(1, 7)]
    assert [cluster.namespace for cluster in find_clusters(nodes)] == ["n0", "n1"]
    many = [_node(n, f"Ann hiked {n}.") for n in range(1, 4)] + [_node(n, f"Thing{n}.") for n in range(4, 54)]
    assert find_clusters(many) == []


@given(st.permutations([_node(n, f"Ann {what}.") for n, what in enumerate(("hiked", "hikes", "loves hiking"), 1)]))
def test_clusters_do_not_depend_on_the_order_of_the_memories(nodes: list[Node]) -> None:
    assert find_clusters(nodes) == find_clusters(sorted(nodes, key=lambda node: node.memory_id))


@pytest.mark.parametrize(
    ("new", "hours_ago", "due"),
    [(19, None, False), (20, None, True), (1, 25.0, True), (0, 99.0, False), (5, 3.0, False), (99, 1.0, False)],
)
def test_who_is_due_has_enough_that_is_new_or_waited_long(new: int, hours_ago: float | None, due: bool) -> None:
    last = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    assert is_due(NOW, new, last, threshold=20, interval=timedelta(hours=24)) is due
    assert timedelta(hours=2) == COOLDOWN


def test_a_reflection_is_stale_unless_it_holds_or_was_made_anew() -> None:
    known = [
        Reflection(memory_id=UUID(int=n), namespace=None, key=f"reflection/{n}", holds=holds)
        for n, holds in ((1, True), (2, False), (3, False))
    ]
    assert [item.memory_id.int for item in stale(known, frozenset({(None, "reflection/3")}))] == [2]
