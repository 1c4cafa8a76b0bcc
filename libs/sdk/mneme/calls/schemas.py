"""Schemas, for operators; records of their classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Unpack

from mneme.answers.memories import Memory
from mneme.answers.schemas import Schema, Schemas
from mneme.calls.fields import RecordFields, as_json
from mneme.decoding import decode
from mneme.exchange import Ask, Call
from mneme.verbs import Group, R, Verb

_PATH = "/v1/schemas"


def record(
    memory_class: str,
    values: Mapping[str, object],
    *,
    user_id: str | None = None,
    if_version: int | None = None,
    idempotency_key: str | None = None,
    wait: float | None = None,
    **fields: Unpack[RecordFields],
) -> Call[Memory]:
    """Remembers a record of a class of the active schema, or says more of the one that its values identify.

    Raises UnprocessableError for a class that is not defined and for values that fit no column.
    """
    return Ask(
        method="POST",
        path="/v1/records",
        body=as_json({"memory_class": memory_class, "values": dict(values), "user_id": user_id, **fields}),
        read=partial(decode, Memory),
        owner="body",
        writes=True,
        if_version=if_version,
        idempotency_key=idempotency_key,
        wait=wait,
    )


def _create(
    classes: Sequence[Mapping[str, object]], *, activate: bool = True, tenant_id: str | None = None
) -> Call[Schema]:
    """The next version of a tenant's own classes, active at once when its annotation is sure enough."""
    body = {"classes": [dict(one) for one in classes], "activate": activate, "tenant_id": tenant_id}
    return Ask(method="POST", path=_PATH, body=as_json(body), read=partial(decode, Schema), repeatable=False)


def _list(*, tenant_id: str | None = None) -> Call[Schemas]:
    """All versions, the last first."""
    return Ask(method="GET", path=_PATH, params={"tenant_id": tenant_id}, read=partial(decode, Schemas))


def _get(version: int, *, tenant_id: str | None = None) -> Call[Schema]:
    """One version, with how far its backfill is."""
    return Ask(method="GET", path=f"{_PATH}/{version}", params={"tenant_id": tenant_id}, read=partial(decode, Schema))


def _annotate(version: int, *, by: str | None = None, tenant_id: str | None = None) -> Call[Schema]:
    """Annotates a version anew, ``by`` a "model" or the "defaults"."""
    return _act(version, "annotate", {"by": by, "tenant_id": tenant_id})


def _approve(
    version: int,
    *,
    annotations: Mapping[str, Mapping[str, object]] | None = None,
    tenant_id: str | None = None,
) -> Call[Schema]:
    """Says that the annotation is right, or with ``annotations`` by class how it is right; active from then on."""
    return _act(version, "approve", {"annotations": annotations, "tenant_id": tenant_id})


def _activate(version: int, *, tenant_id: str | None = None) -> Call[Schema]:
    """Makes a version the active one; raises ConflictError for one that has to be approved first."""
    return _act(version, "activate", {"tenant_id": tenant_id})


def _deprecate(version: int, *, tenant_id: str | None = None) -> Call[Schema]:
    """Takes a version out of use; its memories stay."""
    return _act(version, "deprecate", {"tenant_id": tenant_id})


def _backfill(version: int, *, tenant_id: str | None = None) -> Call[Schema]:
    """Brings memories up to date with the active version once more."""
    return _act(version, "backfill", {"tenant_id": tenant_id})


def _act(version: int, action: str, body: Mapping[str, object]) -> Call[Schema]:
    return Ask(
        method="POST",
        path=f"{_PATH}/{version}/{action}",
        body=as_json(body),
        read=partial(decode, Schema),
        repeatable=False,
    )


class SchemaVerbs(Group[R]):
    """``client.schemas``: the classes that a tenant defines."""

    create = Verb(_create)
    list = Verb(_list)
    get = Verb(_get)
    annotate = Verb(_annotate)
    approve = Verb(_approve)
    activate = Verb(_activate)
    deprecate = Verb(_deprecate)
    backfill = Verb(_backfill)
