"""Which format a dataset is in."""

from __future__ import annotations

import json
from pathlib import Path

from mneme_cli.evaluation.datasets.beir import beir_dataset
from mneme_cli.evaluation.datasets.dataset import Dataset, UnusableDatasetError
from mneme_cli.evaluation.datasets.locomo import locomo_dataset
from mneme_cli.evaluation.datasets.yaml_file import yaml_dataset
from mneme_cli.sources.locomo import is_locomo
from mneme_cli.sources.turns import UnreadableFileError

_EXPECTED = "expected LoCoMo's JSON, YAML with documents and questions, or a folder in BEIR's layout"


def open_dataset(path: Path) -> Dataset:
    """The dataset at a path; raises UnusableDatasetError."""
    if path.is_dir():
        return beir_dataset(path)
    if path.suffix in (".yaml", ".yml"):
        return yaml_dataset(path)
    try:
        value = json.loads(path.read_bytes())
        if not is_locomo(value):
            raise UnusableDatasetError(_EXPECTED)
        return locomo_dataset(value)
    except (ValueError, UnreadableFileError) as error:
        raise UnusableDatasetError(f"{_EXPECTED}: {error}") from None
