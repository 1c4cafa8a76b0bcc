"""What names a dataset's documents: the same documents are told to a server once, whatever is asked of them."""

from __future__ import annotations

import hashlib
import json

from mneme_cli.evaluation.datasets.dataset import Dataset


def dataset_identity(dataset: Dataset) -> str:
    """SHA-256, in hex, of the documents in their order."""
    state = hashlib.sha256()
    for document in dataset.documents:
        told = [document.doc_id, document.group, document.session, document.message]
        state.update(json.dumps(told, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return state.hexdigest()
