"""Brings the index up to date with the rows of a batch of versions; doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mneme_common.domain.vectors import Point, VectorStore
from mneme_common.runtime.stage import Checkpoint, Step, ignore
from mneme_embedder.decide.plan import ToEmbed, closing_of, key_of, plan
from mneme_embedder.decide.targets import Target
from mneme_embedder.embedding import Embedding
from mneme_embedder.ports import Records


@dataclass(frozen=True, slots=True)
class Indexing:
    """Load → decide → embed → store → remember."""

    records: Records
    vectors: VectorStore
    embedding: Embedding
    checkpoint: Checkpoint = ignore

    @property
    def model(self) -> str:
        """The name of the model whose vectors these are."""
        return self.embedding.model.name

    async def bring_up_to_date(self, targets: Sequence[Target]) -> list[Target]:
        """The targets that are open and can be found by vector now.

        A row may vanish (erasure) between the look at it and the writing of its point. So the rows are looked at
        again when the points are remembered: what vanished before that look is removed here, what vanishes after
        it is removed by whoever erases, because its points are there by then.
        """
        if not targets:
            return []
        work = plan(targets, await self.records.states(targets, self.model))
        points = await self._embed(work.embed)
        closings = [closing_of(target, to_seq, self.model) for target, to_seq in work.close]
        await self.vectors.upsert([point for _, point in points])
        await self.vectors.close(closings)
        await self.checkpoint(Step.APPLIED)
        vanished = await self.records.mark(points, closings) if points or closings else []
        await self._remove([*work.remove, *vanished])
        gone = {id(target) for target in vanished}
        stored = [target for target, point in points if point.to_seq is None and id(target) not in gone]
        return stored + work.indexed

    async def _embed(self, wanted: Sequence[ToEmbed]) -> list[tuple[Target, Point]]:
        texts = {(item.target.tenant_id, item.hash): item.text for item in wanted}
        vectors = await self.embedding.of(texts) if texts else {}
        return [(item.target, item.point(self.model, vectors[item.target.tenant_id, item.hash])) for item in wanted]

    async def _remove(self, targets: Sequence[Target]) -> None:
        if targets:
            await self.vectors.remove([key_of(target, self.model) for target in targets])
            await self.records.forget(targets, self.model)
