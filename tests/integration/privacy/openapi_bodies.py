"""A body for any endpoint of the API with a given text in every field that takes one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

Schema = dict[str, Any]


def operations(document: Schema) -> list[tuple[str, str, Schema]]:
    """Method, path and description of every operation."""
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def body_of(document: Schema, operation: Schema, text: str) -> Any:
    """The body, None when the operation takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else _example(document, schema, text, 0)


def parameters_of(operation: Schema, text: str, place: str) -> dict[str, str]:
    """The parameters in a place (query, path) that take any text."""
    return {
        parameter["name"]: text
        for parameter in operation.get("parameters", [])
        if parameter["in"] == place and parameter["name"] not in ("tenant_id", "user_id", "limit")
    }


def _example(document: Schema, schema: Schema, text: str, depth: int) -> Any:
    if "$ref" in schema:
        return _example(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], text, depth)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            chosen = next(one for one in schema[several] if one.get("type") != "null")
            return _example(document, chosen, text, depth)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    return _of_type(document, schema, text, depth)


def _of_type(document: Schema, schema: Schema, text: str, depth: int) -> Any:
    kind = schema.get("type")
    if kind == "string":
        return _string(schema, text)
    if kind == "array":
        return [_example(document, schema.get("items", {}), text, depth + 1)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return False
    properties = schema.get("properties")
    if properties is None:
        return {text: text}
    return {
        name: _example(document, one, text, depth + 1)
        for name, one in properties.items()
        if name not in ("tenant_id", "user_id") and depth < 6
    }


def _string(schema: Schema, text: str) -> str:
    if schema.get("format") == "uuid":
        return str(uuid4())
    if schema.get("format") == "date-time":
        return "2026-01-31T12:00:00Z"
    return "plain" if "pattern" in schema else text
