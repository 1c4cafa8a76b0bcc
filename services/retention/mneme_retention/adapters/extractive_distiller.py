"""Distilling without a model: no network, and every word is one that somebody said."""

from __future__ import annotations

from mneme_common.domain.limits import MEMORY_CONTENT_MAX_BYTES
from mneme_retention.decide.distilling import distil
from mneme_retention.decide.reflection import Cluster
from mneme_retention.decide.reflection_commands import Distilled

NAME = "extractive-1"


class ExtractiveDistiller:
    """A Distiller that cannot fail."""

    async def __call__(self, _tenant_id: str, _user_id: str, cluster: Cluster, /) -> Distilled | None:
        """See Distiller."""
        text = distil(node.content for node in cluster.members)
        said = sum(len(node.content.encode()) for node in cluster.members)
        size = len(text.encode())
        return Distilled(cluster, text, NAME) if 0 < size < said and size <= MEMORY_CONTENT_MAX_BYTES else None
