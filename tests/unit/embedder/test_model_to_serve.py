"""Which model serves at a start, and when a start is refused."""

from __future__ import annotations

import pytest

from mneme_common.domain.vector_indexes import (
    WORDLLAMA,
    WORDLLAMA_NAME,
    IndexState,
    ModelChoice,
    UnservedModelError,
    VectorIndex,
    model_to_serve,
)

STATIC = ModelChoice(WORDLLAMA, WORDLLAMA_NAME)
LARGE = ModelChoice("openai", "large", 256)


def test_without_any_index_the_model_of_the_settings_serves() -> None:
    assert model_to_serve([], LARGE) == LARGE


def test_the_index_that_serves_is_used_again() -> None:
    assert model_to_serve([VectorIndex(choice=LARGE, state=IndexState.SERVING)], LARGE) == LARGE


def test_a_model_that_nobody_asked_for_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnservedModelError) as refused:
        model_to_serve([VectorIndex(choice=STATIC, state=IndexState.SERVING)], LARGE)
    said = str(refused.value)
    assert "MNEME_EMBEDDER=wordllama" in said
    assert "mneme reembed start --embedder openai --model large --dimensions 256" in said


@pytest.mark.parametrize("state", [IndexState.FILLING, IndexState.READY, IndexState.RETIRED, IndexState.DROPPED])
def test_settings_that_are_behind_or_ahead_of_a_flip_change_nothing(state: IndexState) -> None:
    indexes = [VectorIndex(choice=STATIC, state=state), VectorIndex(choice=LARGE, state=IndexState.SERVING)]
    assert model_to_serve(indexes, STATIC) == LARGE
