"""Asking a server the questions, one after the other, and noting what it found and how long that took."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mneme import AsyncMneme
from mneme.answers.context import Context
from mneme.calls.search import Narrowing
from mneme_cli.evaluation.datasets.dataset import Question
from mneme_cli.evaluation.ingesting import DOC_ID, Audience


@dataclass(frozen=True, slots=True)
class Way:
    """How to ask: for which kinds of records, for how many hits, by which ranking (None: the server's own).

    ``index`` is serving or shadow, None for the one that serves.
    """

    kinds: tuple[str, ...] = ("message",)
    top_k: int = 50
    profile: str | None = None
    min_score: float | None = None
    index: str | None = None

    @property
    def narrowing(self) -> Narrowing:
        """The same as arguments of the client."""
        return {"kinds": list(self.kinds), "profile": self.profile, "min_score": self.min_score}


@dataclass(frozen=True, slots=True)
class Found:
    """The hits for one question: documents, scores, milliseconds until the answer was there, ids of the records."""

    hits: tuple[frozenset[str], ...]
    scores: tuple[float, ...]
    milliseconds: float
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """A context for one question: the documents in it, and all that there were to choose from."""

    kept: frozenset[str]
    candidates: frozenset[str]
    used_tokens: int
    milliseconds: float


class Asker:
    """Knows which document each message is."""

    def __init__(self, client: AsyncMneme, audience: Audience, dataset_ids: Iterable[str]) -> None:
        self._client = client
        self._audience = audience
        self._known = frozenset(dataset_ids)
        self._documents: dict[tuple[str, str], str] = {}

    async def search(self, question: Question, way: Way) -> Found:
        """What a search finds."""
        user = self._audience.user(question.group)
        began = time.perf_counter()
        found = await self._client.search(
            question.text, user_id=user, top_k=way.top_k, index=way.index, **way.narrowing
        )
        milliseconds = (time.perf_counter() - began) * 1000
        hits = []
        for hit in found:
            named = hit.metadata.get(DOC_ID)
            if hit.kind == "message" and isinstance(named, str):
                self._documents[user, hit.id] = named
            hits.append(await self._of(user, hit.id, hit.kind, hit.source_message_ids))
        return Found(tuple(hits), tuple(hit.score for hit in found), milliseconds, tuple(hit.id for hit in found))

    async def pack(self, question: Question, way: Way, budget: int) -> Packed:
        """What a context of at most so many tokens holds."""
        user = self._audience.user(question.group)
        began = time.perf_counter()
        context = await self._client.context(question.text, budget, user_id=user, top_k=way.top_k, **way.narrowing)
        milliseconds = (time.perf_counter() - began) * 1000
        kept = await self._kept(user, context)
        dropped = [await self._of(user, gone.id, gone.kind, gone.source_message_ids) for gone in context.dropped]
        return Packed(kept, kept.union(*dropped), context.used_tokens, milliseconds)

    async def _kept(self, user: str, context: Context) -> frozenset[str]:
        kept: frozenset[str] = frozenset()
        for item in context:
            for origin in (item, *item.duplicates):
                kept |= await self._of(user, origin.id, origin.kind, origin.source_message_ids)
        return kept

    async def _of(self, user: str, record_id: str, kind: str, sources: Sequence[str]) -> frozenset[str]:
        """The documents that a record stands for: itself, or the messages that a memory was extracted from."""
        messages = [record_id] if kind == "message" else sources
        return frozenset([await self._document(user, message) for message in messages]) & self._known

    async def _document(self, user: str, message_id: str) -> str:
        if (user, message_id) not in self._documents:
            message = await self._client.messages.get(message_id, user_id=user)
            self._documents[user, message_id] = str(message.metadata.get(DOC_ID, ""))
        return self._documents[user, message_id]
