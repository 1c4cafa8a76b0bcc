"""What is said to hold no longer is decided by the value it names, not by the attribute alone."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from mneme_common.contracts.commands import Proposal
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Message
from mneme_resolver.decide.classes import CLASSES
from mneme_resolver.decide.decision import Action
from mneme_resolver.decide.identity import object_key
from mneme_resolver.decide.proposals import decide_proposal
from mneme_resolver.decide.state import UserState
from tests.fixtures.records import NOW, a_memory

_FACT = CLASSES["profile_fact"]
_SAID = Message(
    tenant_id="acme", user_id="ada", message_id=UUID(int=1), revision=1, conversation_id="c", role="user", name=None,
    content="", metadata={}, importance_score=0.5, importance_override=None, namespace=None, archived=False,
    occurred_at=NOW, created_at=NOW, updated_at=NOW, event_id=UUID(int=2), from_seq=1,
)  # fmt: skip


def _decided(known: str | None, said: str, action: str = "create") -> Action:
    """The decision on a residence said, when another is known."""
    values: dict[str, JsonValue] = {"subject": "user", "attribute": "residence", "value": said}
    state = UserState("acme", "ada")
    if known is not None:
        key = object_key(_FACT, values, None)
        memory = a_memory(UUID(int=3), memory_class="profile_fact", object_key=key)
        state.add_memory(replace(memory, values=values | {"value": known}))
    proposal = Proposal.model_validate(
        {"action": action, "memory_class": "profile_fact", "values": values, "content": "x", "confidence": 0.9}
    )
    return decide_proposal(proposal, _SAID, state)


@pytest.mark.parametrize("home", ["Porto", "Bergen, Norway", "東京"])
def test_the_end_of_an_earlier_home_leaves_the_newer_one_alone(home: str) -> None:
    action = _decided(home, "no longer Berlin")
    assert (action.action, action.rule, action.target) == ("drop", "ends_another_value", UUID(int=3))


@pytest.mark.parametrize("home", ["Berlin", " berlin ", "Berlin, Germany", "no longer Porto"])
def test_the_end_of_the_home_that_is_known_replaces_it(home: str) -> None:
    assert (_decided(home, "no longer Berlin").action, _decided(home, "no longer Berlin").basis) == (
        "update",
        "identity",
    )


def test_an_end_of_what_was_never_known_is_kept_as_said() -> None:
    assert _decided(None, "no longer Berlin").action == "create"


def test_a_move_replaces_whatever_was_known() -> None:
    assert _decided("no longer Berlin", "Porto").action == "update"
    assert _decided("Berlin", "Porto").action == "update"


def test_forgetting_an_earlier_home_leaves_the_newer_one_alone() -> None:
    assert (_decided("Porto", "Berlin", "delete").action, _decided("Porto", "Berlin", "delete").rule) == (
        "drop",
        "another_value",
    )
    assert _decided("Berlin, Germany", "Berlin", "delete").action == "delete"
