"""What the extractor needs of the world."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.chat import ChatAnswer
from mneme_common.contracts.commands import Usage
from mneme_common.domain.memory_schema import ActiveSchema, ClassDefinition
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.model_waiting import WaitReason
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.annotation import Annotated
from mneme_extractor.decide.answer_key import AnswerKey
from mneme_extractor.decide.comparison import LiveMemory, ReadMessage
from mneme_extractor.decide.extraction import Extraction
from mneme_extractor.decide.journal import Item
from mneme_extractor.decide.postponement import PostponedMessage, Postponement
from mneme_extractor.decide.recall import Known
from mneme_extractor.decide.standing import RevisionKey, Standing

Clock = Callable[[], datetime]
"""Now, with a time zone."""


class Extractor(Protocol):
    """Finds in a message what is worth remembering."""

    async def extract(self, message: MessageRecorded, subject: Subject) -> Extraction:
        """What is in the message, possibly nothing.

        Raises PostponedError when this subject's messages have to wait, DependencyError when nobody's can be read,
        PermanentError when this message can never be extracted from. May be called for several users at a time.
        """


class Schemas(Protocol):
    """The classes that tenants have defined."""

    async def active(self, tenant_id: str) -> ActiveSchema | None:
        """The tenant's active schema; None when it has defined none."""


class Annotator(Protocol):
    """Says how classes are identified and searched."""

    async def annotate(self, tenant_id: str, classes: Sequence[ClassDefinition]) -> Annotated:
        """Annotations of all of them. Raises PermanentError without a usable answer, PostponedError while away."""


class SchemaVersions(Protocol):
    """Versions of schemas that wait for an annotation."""

    async def to_annotate(self, tenant_id: str, version: int) -> Sequence[ClassDefinition]:
        """The classes of a version that waits; none when it does not."""

    async def settle(self, tenant_id: str, version: int, annotated: Annotated | None) -> str:
        """Takes over what was said, None leaves the defaults to a person; the status that the version has then."""


class Previews(Protocol):
    """Texts that are read and not kept."""

    async def asked(self, subject: Subject, preview_id: UUID) -> MessageRecorded | None:
        """The text as a message; None when nobody waits for it any more."""

    async def answer(self, subject: Subject, preview_id: UUID, found: Mapping[str, JsonValue]) -> None:
        """What was found in it."""


class Answers(Protocol):
    """Answers of models, kept by what was asked."""

    async def find(self, subject: Subject, key: AnswerKey) -> ChatAnswer | None:
        """An answer that the subject's tenant has had to this question; it costs nothing."""

    async def keep(self, subject: Subject, key: AnswerKey, answer: ChatAnswer) -> None:
        """Keeps an answer that could be used, as something of the subject's; no-op when there is one."""


class Account(Protocol):
    """What tenants may spend on models."""

    async def require(self, subject: Subject) -> None:
        """Raises OverBudgetError when the tenant's tokens are spent."""

    async def spend(self, subject: Subject, model: str, usage: Usage) -> None:
        """Books what an answer cost, of use or not."""


class Recollections(Protocol):
    """What a search may have returned to a user's conversation."""

    async def known(self, subject: Subject, before: int, days: Collection[date]) -> Sequence[Known]:
        """The newest of the user's memories, and messages of those days, written before a ledger position; bounded."""


class JournalItems(Protocol):
    """What a user's journal holds."""

    async def known(self, subject: Subject) -> list[Item]:
        """The places of all items, in no order."""


class Runs(Protocol):
    """Extractions asked for anew."""

    async def users(self, tenant_id: str, user_id: str | None) -> Sequence[Subject]:
        """Those of the tenant, or the one who is named, as far as anything was ever written for them."""

    async def unread(self, subject: Subject, run: str) -> Sequence[tuple[MessageRecorded, int]]:
        """Messages that the run has not read, in order, a page at most; each with how far the ledger is."""

    async def keep(self, subject: Subject, read: ReadMessage) -> None:
        """Keeps what was found in one message."""

    async def found(self, subject: Subject, run: str) -> tuple[Sequence[ReadMessage], Sequence[LiveMemory]]:
        """All that the run found in messages that still say the same, and what is live."""


class Outcomes(Protocol):
    """What the resolver has applied."""

    async def missing(self, tenant_id: str, events: Sequence[UUID]) -> Sequence[UUID]:
        """Those of the events that are not in the ledger yet."""


class Revisions(Protocol):
    """What has become of recorded revisions."""

    async def standings(self, revisions: Sequence[RevisionKey], schema_version: str) -> Mapping[RevisionKey, Standing]:
        """The standing of each revision under a schema; raises what a database raises while it is away."""


class Postponements(Protocol):
    """Where messages wait once the log is done with them."""

    async def postpone(self, postponements: Sequence[Postponement]) -> None:
        """Notes that they wait, each user's in order; doing it twice changes nothing."""


class WaitingRoom(Protocol):
    """The messages that wait, by user; a user is in one worker's hands at a time."""

    async def claim(self, users: int, lease_seconds: float, held: Sequence[str]) -> Sequence[Subject]:
        """So many users at most who are due, of tenants not held; nobody else gets them for as long as the lease."""

    async def first(self, subject: Subject, schema_version: str) -> PostponedMessage | None:
        """The user's first message that waits, with its words as far as they are still current."""

    async def put_off(self, subject: Subject, seconds: float, reason: WaitReason | None = None) -> None:
        """All of the user's messages wait for so long from now."""

    async def done(self, message: PostponedMessage) -> None:
        """This one waits no more."""


class Meter(Protocol):
    """Counts what extraction finds and costs."""

    def extracted(self, extraction: Extraction, seconds: float) -> None:
        """One message was read; ``seconds`` is how long it took."""

    def rejected(self, reason: str) -> None:
        """One message could not be read."""

    def postponed(self, reason: str, messages: int) -> None:
        """So many messages have to wait."""
