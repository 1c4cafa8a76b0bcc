"""What the extractor needs of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from mneme_common.contracts.changes import MessageRecorded
from mneme_extractor.decide.extraction import Extraction
from mneme_extractor.decide.standing import RevisionKey, Standing

Clock = Callable[[], datetime]
"""Now, with a time zone."""


class Extractor(Protocol):
    """Finds in a message what is worth remembering."""

    async def extract(self, message: MessageRecorded) -> Extraction:
        """What is in the message, possibly nothing.

        Raises DependencyError when what it needs (a model) is away, PermanentError when this message can never be
        extracted from. May be called for several users at a time.
        """


class Revisions(Protocol):
    """What has become of recorded revisions."""

    async def standings(self, revisions: Sequence[RevisionKey], schema_version: str) -> Mapping[RevisionKey, Standing]:
        """The standing of each revision under a schema; raises what a database raises while it is away."""


class Meter(Protocol):
    """Counts what extraction finds and costs."""

    def extracted(self, extraction: Extraction, seconds: float) -> None:
        """One message was read; ``seconds`` is how long it took."""

    def rejected(self, reason: str) -> None:
        """One message could not be read."""
