"""The OpenAPI document: what FastAPI derives, without noise and with how to authenticate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})
_PUBLIC_TAG = "health"
_OF_BODIES = frozenset({"413", "415"})
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key (sk-..., mm_...) or the master key."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "An API key."},
}


class DescribedApp(FastAPI):
    """An application with a tidy description of itself."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = tidied(super().openapi())
        return self.openapi_schema


def tidied(document: dict[str, Any]) -> dict[str, Any]:
    """The document with derived titles dropped, unused schemas left out, and security said."""
    for schema in _schemas(document):
        _drop_derived_title(schema)
    for path in document["paths"].values():
        for method in _METHODS & path.keys():
            _tidy(path[method])
    components = document["components"]
    used = _references(document["paths"], components["schemas"])
    components["schemas"] = {name: components["schemas"][name] for name in sorted(used)}
    components["securitySchemes"] = _SCHEMES
    document["security"] = [{name: []} for name in _SCHEMES]
    return document


def _tidy(operation: dict[str, Any]) -> None:
    if _PUBLIC_TAG in operation.get("tags", ()):
        operation["security"] = []
    if "requestBody" not in operation:
        for status in _OF_BODIES & operation["responses"].keys():
            del operation["responses"][status]


def _schemas(node: object) -> Iterator[dict[str, Any]]:
    """Every object in the document, at any depth."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from _schemas(value)


def _drop_derived_title(schema: dict[str, Any]) -> None:
    """Titles that only repeat a name in other letters say nothing; a property named title is a dict and stays."""
    if isinstance(schema.get("title"), str) and "openapi" not in schema and "version" not in schema:
        del schema["title"]


def _references(node: object, schemas: dict[str, Any]) -> set[str]:
    """The names of the schemas that a part of the document leads to."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        for part in _schemas(waiting.pop()):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(schemas[name])
    return found
