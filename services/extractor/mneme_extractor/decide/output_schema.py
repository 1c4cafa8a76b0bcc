"""The JSON schema of a model's answer, made from the classes: strict, so every field is required."""

from __future__ import annotations

from mneme_common.domain.memory_schema import ActiveSchema
from mneme_common.domain.metadata import JsonValue
from mneme_extractor.decide.memory_classes import CLASSES, MemoryClass
from mneme_extractor.decide.own_classes import values_form

SCHEMA_NAME = "memories"


def output_schema(own: ActiveSchema | None = None) -> dict[str, JsonValue]:
    """An object with the list ``memories``; one alternative for each class, the tenant's own ones last."""
    items: list[JsonValue] = [
        _item(memory_class.name, {field: _field(memory_class, field) for field in memory_class.fields})
        for memory_class in CLASSES.values()
    ]
    items += [_item(one.definition.name, values_form(one)) for one in (own.classes if own else ())]
    return _object({"memories": {"type": "array", "items": {"anyOf": items}}})


def _item(name: str, values: dict[str, JsonValue]) -> JsonValue:
    return _object(
        {
            "action": {"type": "string", "enum": ["create", "delete"]},
            "memory_class": {"type": "string", "enum": [name]},
            "values": _object(values),
            "content": {"type": "string"},
            "confidence": {"type": "number"},
            "quote": {"type": "string"},
        }
    )


def _field(memory_class: MemoryClass, field: str) -> JsonValue:
    choices = (memory_class.choices or {}).get(field)
    return {"type": "string"} if choices is None else {"type": "string", "enum": list(choices)}


def _object(properties: dict[str, JsonValue]) -> dict[str, JsonValue]:
    required: list[JsonValue] = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
