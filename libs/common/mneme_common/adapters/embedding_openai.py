"""Embeddings over the OpenAI API, from OpenAI or from any server that speaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import openai
from openai import AsyncOpenAI
from openai.types import CreateEmbeddingResponse

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.sensitivity import redacted
from mneme_common.domain.text import first_bytes
from mneme_common.domain.vector_indexes import OPENAI, ModelChoice
from mneme_common.domain.vectors import Vectors, normalised

MAX_BYTES = 8_000
"""What is embedded of a text: a token has at least one byte, and the models take 8,191 tokens."""

_TEXTS_IN_A_REQUEST = 128
_BYTES_IN_A_REQUEST = 250_000  # OpenAI takes 300,000 tokens a request
_REFUSALS = (openai.BadRequestError, openai.UnprocessableEntityError)


class OpenAIEmbeddings:
    """An EmbeddingModel. ``open`` asks for one vector, to learn the dimension and that the settings are right;
    the first ``embed`` does it otherwise.

    The client repeats a request on 429, 5xx and lost connections, as ``Retry-After`` says, before this gives up
    with DependencyError. A refused text is a PermanentError; a refused key or an unknown model is not the text's
    fault and therefore a DependencyError too. Secrets and personal data are replaced by their kind in what is sent,
    whatever a tenant keeps of them: queries too.
    """

    def __init__(
        self, client: AsyncOpenAI, model: str, *, dimensions: int | None = None, max_bytes: int = MAX_BYTES
    ) -> None:
        self.name = ModelChoice(OPENAI, model, dimensions).name
        self._client = client
        self._model = model
        self._dimensions = dimensions
        self._max_bytes = max_bytes
        self._dimension: int | None = None

    @classmethod
    def connect(
        cls,
        model: str,
        *,
        api_key: str | None,
        base_url: str | None = None,
        dimensions: int | None = None,
        max_bytes: int = MAX_BYTES,
        timeout: float = 30.0,
        retries: int = 2,
    ) -> OpenAIEmbeddings:
        """A model on a server; nothing is asked of it yet. Servers of one's own often want no key."""
        client = AsyncOpenAI(api_key=api_key or "none", base_url=base_url, timeout=timeout, max_retries=retries)
        return cls(client, model, dimensions=dimensions, max_bytes=max_bytes)

    async def open(self) -> None:
        """Learns the dimension; raises DependencyError while the server is away, PermanentError when it refuses."""
        if self._dimension is None:
            self._dimension = _rows(await self._ask(["dimension"]), 1).shape[1]

    async def disconnect(self) -> None:
        """Closes the connections."""
        await self._client.close()

    @property
    def dimension(self) -> int:
        """What the server answered to ``open``."""
        if self._dimension is None:
            raise RuntimeError("the model has not been opened")
        return self._dimension

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See EmbeddingModel."""
        await self.open()
        rows = [np.empty((0, self.dimension), dtype=np.float32)]
        for request in _requests([first_bytes(redacted(text), self._max_bytes) for text in texts]):
            answer = _rows(await self._ask(request), len(request))
            if answer.shape[1] != self.dimension:
                raise DependencyError(
                    f"{self.name} answered vectors of dimension {answer.shape[1]}, and {self.dimension} before: "
                    "somebody has changed the model behind this name"
                )
            rows.append(answer)
        return normalised(np.concatenate(rows))

    async def _ask(self, texts: Sequence[str]) -> CreateEmbeddingResponse:
        dimensions = openai.omit if self._dimensions is None else self._dimensions
        try:
            return await self._client.embeddings.create(model=self._model, input=list(texts), dimensions=dimensions)
        except _REFUSALS as error:
            raise PermanentError("embedding_refused", f"{self.name} refused the text: {error.message}") from error
        except openai.APIError as error:
            raise DependencyError(f"{self.name} cannot be reached: {error.message}") from error
        except json.JSONDecodeError as error:
            raise DependencyError(f"{self.name} answered half a document: {error}") from error
        except ValueError as error:
            raise PermanentError("embedding_invalid", f"{self.name} answered no vectors: {error}") from error


def _rows(answer: CreateEmbeddingResponse, expected: int) -> Vectors:
    """The vectors in the order of the texts; raises PermanentError unless there is one good vector for each."""
    ordered = sorted(answer.data or [], key=lambda item: item.index)
    if [item.index for item in ordered] != list(range(expected)):
        raise PermanentError("embedding_invalid", f"{len(ordered)} vectors for {expected} texts")
    try:
        rows = np.array([item.embedding for item in ordered], dtype=np.float32)
    except ValueError as error:
        raise PermanentError("embedding_invalid", f"vectors that are none: {error}") from error
    if not rows.size or not np.isfinite(rows).all():
        raise PermanentError("embedding_invalid", "a vector that is empty or not finite")
    return rows


def _requests(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in order, in requests that the API accepts."""
    request: list[str] = []
    size = 0
    for text in texts:
        length = len(text.encode())
        if request and (len(request) == _TEXTS_IN_A_REQUEST or size + length > _BYTES_IN_A_REQUEST):
            yield request
            request, size = [], 0
        request.append(text)
        size += length
    if request:
        yield request
