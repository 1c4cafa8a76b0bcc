"""What every distiller owes whoever asks it."""

from __future__ import annotations

import pytest

from mneme_retention.decide.distilling import covers
from mneme_retention.ports import Distiller
from tests.contract.distillers.conftest import cluster_of

_SAID = [
    ("Ada loves tea.", "Ada loves jam.", "Ada loves rain."),
    ("Ada drinks tea at 5.", "Ada drinks green tea at 5.", "Ada drinks tea at noon."),
    ("Ada loves tea.", "Ada does not love tea bags.", "Ada loves tea from Assam."),
]


@pytest.mark.parametrize("said", _SAID)
async def test_the_text_says_everything_in_fewer_bytes(distiller: Distiller, said: tuple[str, ...]) -> None:
    cluster = cluster_of(*said)
    made = await distiller("acme", "ada", cluster)
    assert made is not None
    assert made.cluster is cluster
    assert all(covers(made.text, sentence) for sentence in said)
    assert len(made.text.encode()) < sum(len(sentence.encode()) for sentence in said)
    assert made.made_by


async def test_the_same_cluster_gives_the_same_text(distiller: Distiller) -> None:
    cluster = cluster_of(*_SAID[0])
    assert await distiller("acme", "ada", cluster) == await distiller("acme", "ada", cluster)


async def test_what_cannot_be_said_in_fewer_words_gives_no_text(distiller: Distiller) -> None:
    assert await distiller("acme", "ada", cluster_of("Tea.")) is None
