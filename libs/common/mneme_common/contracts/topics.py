"""The one place that lists the topics: who produces, who consumes, how long a record is kept.

Compose, Helm, KEDA, the documentation and the AsyncAPI file are checked against this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """A group of workers: its folder, package, image, consumer group and metric label."""

    RESOLVER = "resolver"
    EXTRACTOR = "extractor"
    EMBEDDER = "embedder"
    RETENTION = "retention"


COMMANDS = "memory.commands.v1"
TURNS = "memory.turns.v1"
CHANGES = "memory.changes.v1"
JOBS = "memory.jobs.v1"
ERASURES = "memory.erasures.v1"

KEY_FORMAT = "tenant/user"
PARTITIONER = "murmur2"
DEFAULT_PARTITIONS = 48
EMBEDDED_PARTITIONS = 4
RETENTION_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: ``producers`` may write to it, the groups of ``consumers`` read it from the earliest record.

    A ``compacted`` one keeps the last record of every key for ever; it is read as a whole, without a group.
    """

    name: str
    title: str
    producers: tuple[str, ...]
    consumers: tuple[Stage, ...]
    messages: tuple[str, ...]
    compacted: bool = False


TOPICS = (
    Topic(
        COMMANDS,
        "What is to be written; one user's commands keep their order.",
        ("gateway", "extractor", "retention"),
        (Stage.RESOLVER,),
        (
            "message.record",
            "message.update",
            "message.delete",
            "memory.store",
            "memory.revise",
            "memory.delete",
            "memory.undo",
            "operation.undo",
            "memories.proposed",
            "extractions.noted",
            "retention.apply",
            "record.store",
            "schema.apply",
            "conversation.clear",
        ),
    ),
    Topic(
        TURNS,
        "What was said, from any producer with an ACL on it (trusted for every tenant); no order against commands.",
        ("any",),
        (Stage.RESOLVER,),
        ("turn",),
    ),
    Topic(
        CHANGES,
        "What has been written.",
        ("resolver", "embedder"),
        (Stage.EXTRACTOR, Stage.EMBEDDER),
        ("message.recorded", "message.changed", "memory.changed", "event.failed", "memory.indexed"),
    ),
    Topic(
        JOBS,
        "Work that is asked for or due.",
        ("gateway", "retention"),
        (Stage.RETENTION, Stage.RESOLVER, Stage.EXTRACTOR),
        (
            "retention.run",
            "memories.expire",
            "replay.verify",
            "subject.erase",
            "keys.rewrap",
            "reflection.run",
            "extraction.rerun",
            "extraction.accept",
            "extraction.preview",
            "schema.annotate",
            "schema.backfill",
        ),
    ),
    Topic(
        ERASURES,
        "Who was erased, so that a restore of the database brings nobody back; read by resolver and gateway at start.",
        ("resolver",),
        (),
        ("subject.erased",),
        compacted=True,
    ),
)


def dead_letter_topic(topic: str, stage: str) -> str:
    """Where the records that ``stage`` could not process from ``topic`` are buried."""
    return f"{topic}.{stage}.dlq"


def consumed_by(stage: Stage) -> tuple[str, ...]:
    """The topics that the workers of a stage read."""
    return tuple(topic.name for topic in TOPICS if stage in topic.consumers)


def is_compacted(name: str) -> bool:
    """Whether a topic keeps the last record of every key for ever."""
    return any(topic.compacted for topic in TOPICS if topic.name == name)


def all_topic_names() -> tuple[str, ...]:
    """Every topic to create, dead letters included."""
    names = [topic.name for topic in TOPICS]
    names += [dead_letter_topic(topic.name, stage) for topic in TOPICS for stage in topic.consumers]
    return tuple(names)


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Topic and group names under a prefix, for clusters that are shared."""

    prefix: str = ""

    def of(self, topic: str) -> str:
        """The name of a topic on the cluster."""
        return self.prefix + topic

    def plain(self, name: str) -> str:
        """The topic behind a name on the cluster."""
        return name.removeprefix(self.prefix)
