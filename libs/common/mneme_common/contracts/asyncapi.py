"""The AsyncAPI document of the log: topics.py and the models of the events, in one file that tools read.

``python -m mneme_common.contracts.asyncapi`` writes docs/contracts/asyncapi.json, with ``--check`` it compares only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI

from mneme_common.contracts.changes import CHANGE_TYPES
from mneme_common.contracts.command_types import COMMAND_TYPES, TURN_TYPES
from mneme_common.contracts.commands import EventData
from mneme_common.contracts.erasures import ERASURE_TYPES
from mneme_common.contracts.jobs import JOB_TYPES
from mneme_common.contracts.topics import KEY_FORMAT, PARTITIONER, RETENTION_MS, TOPICS, Stage, Topic, dead_letter_topic

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "contracts" / "asyncapi.json"
VERSION = "1"
EVENT_TYPES: Mapping[str, type[EventData]] = {
    **COMMAND_TYPES,
    **TURN_TYPES,
    **CHANGE_TYPES,
    **JOB_TYPES,
    **ERASURE_TYPES,
}

_DESCRIPTION = f"""\
Every record is a CloudEvent 1.0 in the binary mode of the Kafka binding: attributes in headers, data as JSON in the
value. The key is `{KEY_FORMAT}`; a producer in another language sets the {PARTITIONER} partitioner, so that a user's
events keep their partition. Every consumer starts at the earliest record.
"""
_ATTRIBUTES = {
    "ce_id": "The event's id. On commands: 32 hex characters, and the same id twice is the same event.",
    "ce_type": "One of the topic's messages.",
    "ce_source": "Who produced it.",
    "ce_time": "When, RFC 3339.",
    "ce_specversion": "1.0",
    "ce_typeversion": "Version of the data's schema; absent is 1.",
    "ce_requesthash": "SHA-256 of the request in hex: the same id with another hash is refused.",
    "traceparent": "W3C trace context.",
}
_REQUIRED = ["ce_id", "ce_type", "ce_source", "ce_specversion"]
_CAUSES = {
    "dlq_stage": "The stage that could not process the record.",
    "dlq_reason": "A short stable word.",
    "dlq_detail": "A sentence.",
    "dlq_attempts": "How often it was tried.",
    "dlq_origin": "topic/partition/offset of the original.",
    "dlq_buried_at": "When, RFC 3339.",
}


def document() -> dict[str, Any]:
    """The document; equal contracts give equal bytes."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Mneme, the log", "version": VERSION, "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {name: channel for topic in TOPICS for name, channel in _channels(topic).items()},
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic).items()},
        "components": {
            "messages": {name: _message(name, model) for name, model in EVENT_TYPES.items()},
            "schemas": _schemas(),
        },
    }


def rendered() -> str:
    """The document as it is published."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _schemas() -> dict[str, Any]:
    """The schemas of all models as FastStream finds them, with those of attributes and causes."""
    broker = KafkaBroker()
    for topic in TOPICS:
        for name in topic.messages:
            broker.publisher(topic.name, schema=EVENT_TYPES[name], title=name)
    found = AsyncAPI(broker, schema_version="3.0.0").to_specification().to_jsonable()["components"]["schemas"]
    schemas = {name: found[name] for name in sorted(found)}
    schemas["CloudEventAttributes"] = _headers(_ATTRIBUTES, _REQUIRED)
    schemas["DeadLetterCause"] = _headers(_CAUSES, sorted(_CAUSES))
    return schemas


def _headers(described: Mapping[str, str], required: list[str]) -> dict[str, Any]:
    properties = {name: {"type": "string", "description": text} for name, text in described.items()}
    return {"type": "object", "properties": properties, "required": required}


def _message(name: str, model: type[EventData]) -> dict[str, Any]:
    return {
        "name": name,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventAttributes"},
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": KEY_FORMAT}}},
    }


def _channels(topic: Topic) -> dict[str, Any]:
    """The topic, and where each of its consumers buries what it cannot process."""
    live = {
        "address": topic.name,
        "description": topic.title,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in topic.messages},
        "bindings": {"kafka": {"topic": topic.name, "topicConfiguration": _kept(topic)}},
    }
    return {topic.name: live} | {
        dead_letter_topic(topic.name, stage): _burial(topic, stage) for stage in topic.consumers
    }


def _kept(topic: Topic) -> dict[str, Any]:
    return {"cleanup.policy": ["compact"]} if topic.compacted else {"retention.ms": RETENTION_MS}


def _burial(topic: Topic, stage: Stage) -> dict[str, Any]:
    name = dead_letter_topic(topic.name, stage)
    buried = {"name": "buried", "headers": {"$ref": "#/components/schemas/DeadLetterCause"}}
    return {
        "address": name,
        "description": f"Records of {topic.name} that the {stage} could not process: original key, value and headers.",
        "messages": {"buried": buried},
        "bindings": {"kafka": {"topic": name}},
    }


def _operations(topic: Topic) -> dict[str, Any]:
    """Who sends to the topic and who receives from it."""
    channel = {"$ref": f"#/channels/{topic.name}"}
    sends = {f"{producer}.sends.{topic.name}": {"action": "send", "channel": channel} for producer in topic.producers}
    receives = {
        f"{stage}.receives.{topic.name}": {"action": "receive", "channel": channel} for stage in topic.consumers
    }
    return sends | receives


def main(arguments: Sequence[str] = tuple(sys.argv[1:])) -> int:
    """Writes the document, or says whether the one that is there is up to date; the exit status."""
    text = rendered()
    if "--check" not in arguments:
        DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
        DOCUMENT.write_text(text, encoding="utf-8")
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{DOCUMENT.name} is not what the code says: run python -m mneme_common.contracts.asyncapi\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
