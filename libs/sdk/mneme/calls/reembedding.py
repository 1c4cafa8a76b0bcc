"""Re-embedding with another model, for operators."""

from __future__ import annotations

from functools import partial

from mneme.answers.reembedding import Reembedding
from mneme.calls.fields import as_json
from mneme.decoding import decode
from mneme.exchange import Ask, Call
from mneme.verbs import Group, R, Verb

_PATH = "/v1/admin/reembed"
_READ = partial(decode, Reembedding)


def _status() -> Call[Reembedding]:
    """Which index serves, which one is being filled, and how far it is."""
    return Ask(method="GET", path=_PATH, read=_READ)


def _start(embedder: str, *, model: str | None = None, dimensions: int | None = None) -> Call[Reembedding]:
    """Begins to fill an index with another model; new writes reach both from then on."""
    body = as_json({"embedder": embedder, "model": model, "dimensions": dimensions})
    return Ask(method="POST", path=_PATH, body=body, read=_READ, repeatable=False)


def _flip() -> Call[Reembedding]:
    """Searches use the new index from now on; the old one is dropped a little later."""
    return Ask(method="POST", path=f"{_PATH}/flip", read=_READ, repeatable=False)


def _cancel() -> Call[Reembedding]:
    """Gives the new index up."""
    return Ask(method="POST", path=f"{_PATH}/cancel", read=_READ, repeatable=False)


class ReembeddingVerbs(Group[R]):
    """``client.reembedding``: another model for the vectors."""

    status = Verb(_status)
    start = Verb(_start)
    flip = Verb(_flip)
    cancel = Verb(_cancel)
