"""Telling a server the documents, once, and waiting until it has taken everything in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mneme import AsyncMneme
from mneme_cli.evaluation.datasets.dataset import Dataset, Document
from mneme_cli.failures import CommandFailedError
from mneme_cli.screen import Screen
from mneme_cli.sources.turns import Turn
from mneme_cli.transfer.batches import batches
from mneme_cli.transfer.checkpoint import Checkpoint, checkpoint_path
from mneme_cli.transfer.lag import lag_of
from mneme_cli.transfer.level import until_level
from mneme_cli.transfer.progress import shown_progress
from mneme_cli.transfer.sender import Sender
from mneme_cli.transfer.tally import Tally

DOC_ID = "doc_id"
"""The metadata by which a message is known again."""

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose memory each group's documents go into: one user each, or one for all (``shared``)."""

    name: str
    shared: str | None = None

    def user(self, group: str) -> str:
        """The user who holds a group's documents."""
        return self.shared or f"{self.name}-{group}"

    def session(self, group: str, session: str) -> str:
        """The conversation; of a shared user it says the group too."""
        return f"{group}.{session}" if self.shared else session


def told(dataset: Dataset, audience: Audience) -> Iterator[Turn]:
    """The documents as turns to be sent."""
    for document in dataset.documents:
        yield Turn(_message(document, audience), document.doc_id, audience.user(document.group))


async def ingest(client: AsyncMneme, dataset: Dataset, audience: Audience, identity: str, screen: Screen) -> Tally:
    """Sends what an earlier run has not sent, and returns when it is recorded, extracted from and indexed."""
    tally = Tally(total=len(dataset.documents))
    path = checkpoint_path(identity, client.runner.connection.url, client.runner.options.tenant_id, None)
    sender = Sender(client, identity, Checkpoint(path), tally, (await client.health()).timestamp)
    async with shown_progress(screen, tally, lag_of(client)):
        await sender.send(batches(told(dataset, audience)))
    if tally.refused:
        reasons = "; ".join(f"{item.place}: {item.reason}" for item in tally.refused[:_SHOWN])
        raise CommandFailedError(f"{len(tally.refused)} documents were refused, so nothing was measured: {reasons}")
    if tally.recorded or tally.accepted:
        await until_level(client)
    return tally


def _message(document: Document, audience: Audience) -> Mapping[str, object]:
    metadata = document.message.get("metadata")
    return {
        **document.message,
        "conversation_id": audience.session(document.group, document.session),
        "metadata": {**(metadata if isinstance(metadata, Mapping) else {}), DOC_ID: document.doc_id},
    }
