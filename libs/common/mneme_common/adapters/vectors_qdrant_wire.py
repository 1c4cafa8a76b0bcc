"""What a point, a closing and a search are to Qdrant: ids, payloads, filters, and which answers mean "away"."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeVar
from uuid import UUID

import numpy as np
from qdrant_client import models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from mneme_common.domain.failures import DependencyError
from mneme_common.domain.identifiers import digest
from mneme_common.domain.vectors import Closing, Point, PointKey, RecordKind, Scope, Vector

VECTOR_NAME = "embedding"
TO_SEQ = "to_seq"
INDEXED_FIELDS: Mapping[str, models.KeywordIndexParams | models.PayloadSchemaType] = {
    "tenant_id": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
    "user_id": models.PayloadSchemaType.KEYWORD,
    "record_id": models.PayloadSchemaType.UUID,
    "kind": models.PayloadSchemaType.KEYWORD,
    "from_seq": models.PayloadSchemaType.INTEGER,
    TO_SEQ: models.PayloadSchemaType.INTEGER,
}
"""Every field that a filter names: a server in strict mode refuses to filter by others."""

_REFUSED_CREDENTIALS = (401, 403)
_GONE, _TOO_MANY, _SERVER_FAULT = 404, 429, 500

T = TypeVar("T")


def collection_prefix(prefix: str, model: str) -> str:
    """The name of a model's collection up to its dimension; the hash keeps apart what the readable part does not."""
    readable = re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")[:40]
    return f"{prefix}_{readable}_{hashlib.sha256(model.encode()).hexdigest()[:8]}_"


def qdrant_id(key: PointKey) -> str:
    """The id of a point in its collection: a function of its owner too, so that no tenant can touch another's."""
    return str(UUID(bytes=digest("qdrant", key.tenant_id, key.user_id, key.point_id.bytes)[:16]))


def struct_of(point: Point) -> models.PointStruct:
    """The point as it is inserted."""
    end = {} if point.to_seq is None else {TO_SEQ: point.to_seq}
    payload = _owner(point.key) | _content(point) | end
    return models.PointStruct(id=qdrant_id(point.key), vector=_vector(point), payload=payload)


def placeholder_of(closing: Closing) -> models.PointStruct:
    """What is inserted for a closing whose point is not there: without a vector, and open at no position."""
    payload = _owner(closing.key) | {
        "record_id": str(closing.record_id),
        "kind": closing.kind.value,
        "content_hash": "",
        "from_seq": closing.to_seq,
        TO_SEQ: closing.to_seq,
    }
    return models.PointStruct(id=qdrant_id(closing.key), vector={}, payload=payload)


def amendments(points: Iterable[Point], stored: Mapping[str, Mapping[str, object]]) -> Iterator[models.UpdateOperation]:
    """What brings points that were there before up to date, never touching a ``to_seq`` that is set."""
    points = list(points)
    changed = [point for point in points if _differs(point, stored.get(qdrant_id(point.key)))]
    if changed:
        vectors = [models.PointVectors(id=qdrant_id(point.key), vector=_vector(point)) for point in changed]
        yield models.UpdateVectorsOperation(update_vectors=models.UpdateVectors(points=vectors))
    for point in changed:
        setting = models.SetPayload(payload=_content(point), points=[qdrant_id(point.key)])
        yield models.SetPayloadOperation(set_payload=setting)
    ends = [(point.key, point.to_seq) for point in points if point.to_seq is not None]
    yield from end_operations((key, to_seq) for key, to_seq in ends if TO_SEQ not in stored.get(qdrant_id(key), {}))


def end_operations(ends: Iterable[tuple[PointKey, int]]) -> Iterator[models.UpdateOperation]:
    """Sets ``to_seq`` where there is none yet: the condition is checked by the server, within the write."""
    for to_seq, group in groupby(sorted(ends, key=lambda end: end[1]), key=lambda end: end[1]):
        unended = models.Filter(
            must=[
                models.HasIdCondition(has_id=[qdrant_id(key) for key, _ in group]),
                models.IsEmptyCondition(is_empty=models.PayloadField(key=TO_SEQ)),
            ]
        )
        setting = models.SetPayload(payload={TO_SEQ: to_seq}, filter=unended)
        yield models.SetPayloadOperation(set_payload=setting)


def stored_vectors(records: Iterable[models.Record]) -> Iterator[tuple[UUID, Vector]]:
    """The vectors of points that were read; a placeholder has none."""
    for record in records:
        named = record.vector if isinstance(record.vector, dict) else {}
        if VECTOR_NAME in named:
            yield UUID((record.payload or {})["point_id"]), np.array(named[VECTOR_NAME], dtype=np.float32)


def removals(keys: Sequence[PointKey]) -> Iterator[models.UpdateOperation]:
    """Deletes the points, one operation an owner."""
    ordered = sorted(keys, key=lambda key: (key.tenant_id, key.user_id))
    for (tenant_id, user_id), group in groupby(ordered, key=lambda key: (key.tenant_id, key.user_id)):
        owned = owned_by(Scope(tenant_id, user_id), models.HasIdCondition(has_id=[qdrant_id(key) for key in group]))
        yield models.DeleteOperation(delete=models.FilterSelector(filter=owned))


def owned_by(scope: Scope, *conditions: models.Condition) -> models.Filter:
    """The mandatory filter: tenant and user, and whatever else."""
    return models.Filter(must=[_is("tenant_id", scope.tenant_id), _is("user_id", scope.user_id), *conditions])


def search_conditions(
    as_of: int | None, kinds: Collection[RecordKind] | None, allowed: Collection[UUID] | None
) -> Iterator[models.Condition]:
    """The conditions of one search besides its owner."""
    no_end = models.IsEmptyCondition(is_empty=models.PayloadField(key=TO_SEQ))
    if as_of is None:
        yield no_end
    else:
        yield models.FieldCondition(key="from_seq", range=models.Range(lte=as_of))
        yield models.Filter(should=[no_end, models.FieldCondition(key=TO_SEQ, range=models.Range(gt=as_of))])
    if kinds is not None:
        yield _among("kind", [kind.value for kind in kinds])
    if allowed is not None:
        yield _among("record_id", [str(record_id) for record_id in allowed])


async def ask(request: Awaitable[T]) -> T:
    """The answer to a request; raises DependencyError when the server is away, overloaded or refuses our key.

    So it does when a collection that was there is not there any more: whoever asks has to look again.
    """
    try:
        return await request
    except (ResponseHandlingException, ResourceExhaustedResponse) as error:
        raise DependencyError(f"Qdrant cannot be reached: {error}") from error
    except UnexpectedResponse as error:
        status = error.status_code or _SERVER_FAULT
        if status >= _SERVER_FAULT or status in (*_REFUSED_CREDENTIALS, _GONE, _TOO_MANY):
            raise DependencyError(f"Qdrant answered {status}: {error.reason_phrase}") from error
        raise


def _owner(key: PointKey) -> dict[str, object]:
    return {"tenant_id": key.tenant_id, "user_id": key.user_id, "point_id": str(key.point_id)}


def _content(point: Point) -> dict[str, object]:
    return {
        "record_id": str(point.record_id),
        "kind": point.kind.value,
        "content_hash": point.content_hash,
        "from_seq": point.from_seq,
    }


def _vector(point: Point) -> dict[str, models.Vector]:
    return {VECTOR_NAME: point.embedding.tolist()}


def _differs(point: Point, payload: Mapping[str, object] | None) -> bool:
    if payload is None:
        return False
    return (payload["content_hash"], payload["from_seq"]) != (point.content_hash, point.from_seq)


def _is(field: str, value: str) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchValue(value=value))


def _among(field: str, values: list[str]) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchAny(any=values))
