"""What an OpenAI-compatible server answers to a request for embeddings."""

from __future__ import annotations

from collections.abc import Callable

from mneme_common.domain.vectors import Vector
from mneme_common.testing.embeddings import HashedWords
from tests.contract.scripted_http import Reply, Request, as_json

DIMENSION = 32


def good_answer(request: Request, *, dimension: int = DIMENSION, length: float = 3.0) -> Reply:
    """One vector a text, not normalised, last text first: the order of an answer is no promise, its index is."""
    texts = request.json["input"]
    return answer_of([vector_of(text, dimension) * length for text in texts])


def answer_of(vectors: list[Vector]) -> Reply:
    """These vectors as an answer."""
    data = [
        {"object": "embedding", "index": index, "embedding": [float(x) for x in vector]}
        for index, vector in reversed(list(enumerate(vectors)))
    ]
    return as_json({"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}})


def vector_of(text: str, dimension: int = DIMENSION) -> Vector:
    """The vector of a text."""
    return HashedWords(dimension).vector(text)


def first(bad: Reply, times: int = 1, then: Callable[[Request], Reply] = good_answer) -> Callable[[Request], Reply]:
    """A script that answers badly so many times after the probe, and well from then on."""
    seen = iter(range(10_000))

    def script(request: Request) -> Reply:
        return bad if 1 <= next(seen) <= times else then(request)

    return script


def always(bad: Reply) -> Callable[[Request], Reply]:
    """A script that answers the probe, and badly from then on."""
    return first(bad, times=10_000)
