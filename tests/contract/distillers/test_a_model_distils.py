"""A model distils only what can be checked; else the words of the sources are put together without it."""

from __future__ import annotations

import pytest

from mneme_common.testing.openai_server import Answer, Behaviour, Failure, Garbled
from tests.contract.distillers.conftest import Modelled, cluster_of

_CLUSTER = cluster_of("Ada loves tea.", "Ada loves jam.", "Ada loves 2 dogs and 3 cats.")
_EXTRACTIVE = "extractive-1"


async def test_the_models_name_is_recorded_and_its_tokens_are_booked(modelled: Modelled) -> None:
    modelled.server.script.append(Answer("Ada loves tea, jam, 2 dogs and 3 cats."))
    made = await modelled.distil("acme", "ada", _CLUSTER)
    assert made is not None
    assert (made.text, made.made_by) == ("Ada loves tea, jam, 2 dogs and 3 cats.", "m-scripted")
    assert [(tenant, model, usage.requests) for tenant, model, usage in modelled.purse.spent] == [
        ("acme", "m-scripted", 1)
    ]
    asked = modelled.server.requests[0].body
    assert "response_format" not in asked
    assert asked["messages"][-1]["content"].splitlines() == [node.content for node in _CLUSTER.members]


@pytest.mark.parametrize(
    "answer",
    [
        "Ada loves tea and jam.",
        "Ada loves tea, jam, 3 dogs and 2 cats.",
        "Ada loves tea, jam, 2 dogs, 3 cats and coffee.",
        "Ada loves tea, jam, 2 dogs and 3 cats. And that is all there is to say about what Ada loves, and no more.",
        "",
    ],
    ids=["something missing", "numbers swapped", "something added", "longer", "nothing"],
)
async def test_a_text_that_says_less_more_or_otherwise_is_not_believed(modelled: Modelled, answer: str) -> None:
    modelled.server.script.append(Answer(answer))
    made = await modelled.distil("acme", "ada", _CLUSTER)
    assert made is not None
    assert (made.made_by, modelled.reasons) == (_EXTRACTIVE, ["unbelieved"])


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Failure(500), "model_away"),
        (Garbled(), "model_away"),
        (Failure(400, code="content_filter"), "refused"),
        (Answer("no", refusal="I will not"), "unbelieved"),
        (Answer("Ada loves tea, jam,", finish="length"), "unbelieved"),
    ],
)
async def test_a_model_that_fails_is_replaced_and_that_is_told(
    modelled: Modelled, behaviour: Behaviour, reason: str
) -> None:
    modelled.server.script.append(behaviour)
    made = await modelled.distil("acme", "ada", _CLUSTER)
    assert made is not None
    assert (made.made_by, modelled.reasons) == (_EXTRACTIVE, [reason])


async def test_a_model_that_has_just_failed_is_left_alone_for_this_tenant(modelled: Modelled) -> None:
    modelled.server.script.append(Failure(500))
    for tenant in ("acme", "acme", "other"):
        await modelled.distil(tenant, "ada", _CLUSTER)
    assert (len(modelled.server.requests), modelled.reasons) == (2, ["model_away", "model_away"])


async def test_without_tokens_and_for_what_denies_something_no_model_is_asked(modelled: Modelled) -> None:
    denied = await modelled.distil("acme", "ada", cluster_of("Ada loves tea.", "Ada loves tea, not jam."))
    modelled.purse.is_empty = True
    spent = await modelled.distil("acme", "ada", _CLUSTER)
    assert denied is not None
    assert spent is not None
    assert (denied.made_by, spent.made_by, modelled.reasons) == (_EXTRACTIVE, _EXTRACTIVE, ["denied", "over_budget"])
    assert modelled.server.requests == []
