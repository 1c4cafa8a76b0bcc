"""The published description of the log."""

from __future__ import annotations

from typing import Any

import pytest

from mneme_common.contracts.asyncapi import EVENT_TYPES, document, rendered
from mneme_common.contracts.topics import TOPICS, Topic, all_topic_names


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The document."""
    return document()


def test_the_channels_are_exactly_the_topics(described: dict[str, Any]) -> None:
    assert sorted(described["channels"]) == sorted(all_topic_names())
    assert all(name == channel["address"] for name, channel in described["channels"].items())


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_channel_lists_the_messages_of_its_topic(described: dict[str, Any], topic: Topic) -> None:
    assert list(described["channels"][topic.name]["messages"]) == list(topic.messages)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_operations_name_producers_and_consumers(described: dict[str, Any], topic: Topic) -> None:
    of_topic = [name for name in described["operations"] if name.endswith(f".{topic.name}")]
    assert of_topic == [f"{who}.sends.{topic.name}" for who in topic.producers] + [
        f"{who}.receives.{topic.name}" for who in topic.consumers
    ]


def test_every_message_type_belongs_to_one_topic() -> None:
    listed = [name for topic in TOPICS for name in topic.messages]
    assert sorted(listed) == sorted(EVENT_TYPES)


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in _references(described):
        place: Any = described
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_a_payload_is_the_schema_of_its_model(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    for name, model in EVENT_TYPES.items():
        reference = described["components"]["messages"][name]["payload"]["$ref"]
        schema = schemas[reference.rsplit("/", 1)[1]]
        assert schema.get("required") == model.model_json_schema().get("required")
        assert set(schema["properties"]) == set(model.model_fields)


def test_the_document_is_the_same_every_time() -> None:
    assert rendered() == rendered()


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []
