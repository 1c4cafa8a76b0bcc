"""WordLlama: an embedding model that ships inside its package and needs no network. The default.

The mean of the tokens' vectors, computed here text by text: the package's own ``embed`` pads each batch to its
longest text, which costs five times the time, and a gigabyte beside one message of the longest permitted length.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mneme_common.domain.text import term
from mneme_common.domain.vector_indexes import WORDLLAMA_NAME
from mneme_common.domain.vectors import Vectors, normalised

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_INLINE_CHARACTERS = 4_096
"""Up to here, about half a millisecond, the work is done at once: the way to a thread costs as much."""

_WORD_BEGINS = "\u2581"
_WORD_LENGTH_MIN = 3


@dataclass(frozen=True, slots=True)
class _Weights:
    tokenizer: Tokenizer
    of_tokens: Vectors
    word_of_stem: Mapping[str, str]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The normalised mean of each text's token vectors."""
        pooled = np.zeros((len(texts), self.of_tokens.shape[1]), dtype=np.float32)
        for row, encoding in enumerate(self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)):
            np.take(self.of_tokens, encoding.ids, axis=0).sum(axis=0, out=pooled[row])
        return normalised(pooled)


class WordLlamaModel:
    """An EmbeddingModel of 256 dimensions. Its weights are read by ``open`` or the first ``embed``, in 0.8 s."""

    name = WORDLLAMA_NAME

    def __init__(self) -> None:
        self._weights: _Weights | None = None

    async def open(self) -> None:
        """Reads the weights, once."""
        await self._opened()

    @property
    def dimension(self) -> int:
        """256."""
        if self._weights is None:
            raise RuntimeError("the model has not been opened")
        return int(self._weights.of_tokens.shape[1])

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See EmbeddingModel; long batches are embedded in a thread."""
        weights = await self._opened()
        if sum(map(len, texts)) <= _INLINE_CHARACTERS:
            return weights.embed(texts)
        return await asyncio.to_thread(weights.embed, texts)

    def of_terms(self, terms: Sequence[str]) -> Vectors:
        """One unit row an index term, by the commonest word that has it as its stem; the model must be open.

        The word is taken from the model's own vocabulary, so that a term has the same vector everywhere.
        """
        if self._weights is None:
            raise RuntimeError("the model has not been opened")
        known = self._weights.word_of_stem
        return self._weights.embed([known.get(term, term) for term in terms])

    async def _opened(self) -> _Weights:
        if self._weights is None:
            self._weights = await asyncio.to_thread(_load)
        return self._weights


def _load() -> _Weights:
    # Here rather than above: importing it takes most of a second and configures logging.
    import wordllama  # noqa: PLC0415

    package = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=package, disable_download=True)
    model.tokenizer.no_padding()
    vectors = np.ascontiguousarray(model.embedding, dtype=np.float32)
    return _Weights(model.tokenizer, vectors, _words_of_stems(model.tokenizer))


def _words_of_stems(tokenizer: Tokenizer) -> dict[str, str]:
    """For each stem the first token that is a whole word with it; tokens are numbered by how common they are."""
    found: dict[str, str] = {}
    for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1]):
        word = token.removeprefix(_WORD_BEGINS).casefold()
        if token.startswith(_WORD_BEGINS) and word.isalpha() and len(word) >= _WORD_LENGTH_MIN:
            stem = term(word)
            if stem:
                found.setdefault(stem, word)
    return found
