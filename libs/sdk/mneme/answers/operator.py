"""What operators are told: stages, dead letters, jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme.answers.health import StageHealth
from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class StageStatus(StageHealth):
    """A stage with its open dead letters."""

    processed: int = 0
    dead_letters: int = 0


@dataclass(frozen=True, kw_only=True)
class BrokerStatus(Answer):
    """The log in use; direct producers connect to ``bootstrap``."""

    incarnation: str
    bootstrap: str
    state: str
    started_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Unfinished(Answer):
    """Accepted and not recorded (journal), recorded and not read (extraction) or not found by vector (indexing)."""

    journal: int = 0
    extraction: int = 0
    indexing: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.journal + self.extraction + self.indexing


@dataclass(frozen=True, kw_only=True)
class Status(Answer):
    """The whole pipeline; ``oldest_unfinished_seconds`` is the age of the oldest event that some stage still owes."""

    stages: tuple[StageStatus, ...]
    unfinished: Unfinished
    oldest_unfinished_seconds: float | None = None
    broker: BrokerStatus | None = None

    @property
    def dead_letters(self) -> int:
        """Open dead letters of all stages."""
        return sum(stage.dead_letters for stage in self.stages)


@dataclass(frozen=True, kw_only=True)
class DeadLetter(Answer):
    """A record that a stage could not process; ``show`` adds its bytes (``value_text`` where they are UTF-8)."""

    letter_id: str
    stage: str
    topic: str
    partition: int
    offset: int
    reason: str
    detail: str = ""
    attempts: int = 1
    tenant_id: str = ""
    user_id: str = ""
    event_id: str | None = None
    event_type: str | None = None
    buried_at: datetime | None = None
    redriven_at: datetime | None = None
    resolved_at: datetime | None = None
    key: str | None = None
    value_text: str | None = None
    value_base64: str | None = None
    headers: tuple[list[str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeadLetters(Answer):
    """A page of dead letters, the newest first."""

    items: tuple[DeadLetter, ...] = ()
    total: int = 0
    next_cursor: str | None = None

    def __iter__(self) -> Iterator[DeadLetter]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, kw_only=True)
class Redriven(Answer):
    """The letters whose records are on their way again; each is resolved when its stage has succeeded."""

    redriven: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Job(Answer):
    """A job: queued, running, done (with a result) or failed (with an error)."""

    job_id: str
    kind: str
    status: str
    tenant_id: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    result: Mapping[str, object] | None = None
    error: str | None = None
    requested_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """True once it is done or failed."""
        return self.status in ("done", "failed")


@dataclass(frozen=True, kw_only=True)
class RetentionRun(Answer):
    """How many messages a run archived and deleted, how many memories it ended; or would have in a dry run."""

    archived: int
    deleted: int
    dry_run: bool
    decayed: int | None = None


@dataclass(frozen=True, kw_only=True)
class AuditEvent(Answer):
    """Who did what, or asked for it; ``user_id`` is None where it concerns a tenant, ``meta`` has ids and counts."""

    event_id: str
    tenant_id: str
    event_type: str
    actor: str
    happened_at: datetime
    user_id: str | None = None
    reason_code: str | None = None
    meta: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AuditPage(Answer):
    """Events, newest first; ``next_cursor`` asks for the page after it."""

    items: tuple[AuditEvent, ...]
    next_cursor: str | None = None

    def __iter__(self) -> Iterator[AuditEvent]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
