"""FastEmbed: what a model that is not there, or not known, is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from mneme_common.adapters.embedding_fastembed import FastEmbedModel
from mneme_common.domain.failures import DependencyError, PermanentError
from tests.contract.onnx_models import DIMENSION, EMBEDDING_MODEL, write_embedding_model


async def test_a_model_laid_down_beforehand_needs_no_network(tmp_path: Path) -> None:
    write_embedding_model(tmp_path, EMBEDDING_MODEL)
    model = FastEmbedModel(EMBEDDING_MODEL, tmp_path, threads=1)
    await model.open()
    assert (model.name, model.dimension) == (f"fastembed/{EMBEDDING_MODEL}", DIMENSION)


async def test_a_model_that_fastembed_does_not_know_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match=r"knows no acme/unheard-of.*BAAI/bge-small-en-v1\.5"):
        await FastEmbedModel("acme/unheard-of", tmp_path).open()


async def test_a_model_that_cannot_be_fetched_is_a_dependency_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(DependencyError, match="cannot be loaded"):
        await FastEmbedModel(EMBEDDING_MODEL, tmp_path).open()
