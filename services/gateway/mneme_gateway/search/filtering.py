"""Filters over the columns of an index; what no column holds (metadata, tags) is asked of PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from psycopg.types.json import Jsonb

from mneme_common.domain.identifiers import microseconds, point_id
from mneme_common.domain.vectors import RecordKind
from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Database
from mneme_gateway.search.documents import Codes, Flags
from mneme_gateway.search.index import View
from mneme_gateway.search.query import Filters
from mneme_gateway.search.statements import MEMORIES_WITH, MESSAGES_WITH

_LOW_HALF = 2**64 - 1


def admitted(view: View, filters: Filters, within: Flags, now: datetime) -> Flags:
    """Those of the documents ``within`` that the columns admit; what has expired by ``now`` is out."""
    documents = view.documents
    kept = within & (documents.expires_at > microseconds(now))
    if not filters.include_archived:
        kept &= ~documents.archived
    if filters.session_id is not None:
        kept &= _labelled(view, documents.session, [filters.session_id])
    if filters.namespace is not None:
        kept &= _labelled(view, documents.namespace, [filters.namespace])
    if filters.types:
        kept &= _labelled(view, documents.memory_kind, filters.types) | _labelled(
            view, documents.memory_type, filters.types
        )
    if filters.importance_min is not None:
        kept &= documents.importance >= filters.importance_min
    if filters.occurred_from is not None:
        kept &= documents.occurred_at >= microseconds(filters.occurred_from)
    if filters.occurred_to is not None:
        kept &= documents.occurred_at <= microseconds(filters.occurred_to)
    return kept


def in_session(view: View, session_id: str) -> Flags:
    """The documents of a session."""
    return _labelled(view, view.documents.session, [session_id])


def _labelled(view: View, column: Codes, texts: Sequence[str]) -> Flags:
    return np.isin(column, view.labels.known(texts))


class RecordFilter:
    """Asks PostgreSQL which records have the metadata and tags; versions never change, so any time will do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def matching(
        self, view: View, scope: Scope, filters: Filters, sought: Sequence[str] | None = None
    ) -> Flags | None:
        """Which documents match and contain a word that is ``sought``; None when there is nothing to ask."""
        if not filters.metadata and not asked_of_memories(filters) and sought is None:
            return None
        statement = _statement(filters)
        if not statement:
            return np.zeros(len(view.live), dtype=np.bool_)
        names = list(filters.metadata)
        values = {
            "tenant": scope.tenant_id,
            "user": scope.user_id,
            "position": view.position,
            "sought": None if sought is None else list(sought),
            **_of_memories(filters),
            "names": names,
            "values": [Jsonb(filters.metadata[name]) for name in names],
        }
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(statement, values)
            rows = await cursor.fetchall()
        points = np.array([_point(row["id"], row["revision"]) for row in rows], dtype=np.uint64)
        places = view.places(points)
        found = np.zeros(len(view.live), dtype=np.bool_)
        found[places[places >= 0]] = True
        return found


def _point(record_id: UUID, revision: int | None) -> int:
    return (record_id if revision is None else point_id(record_id, revision)).int & _LOW_HALF


def asked_of_memories(filters: Filters) -> list[str]:
    """The filters given that PostgreSQL is asked for and only a memory can pass."""
    return [name for name, value in _of_memories(filters).items() if value not in (None, [])]


def _of_memories(filters: Filters) -> dict[str, object]:
    return {
        "tags": list(filters.tags),
        "author_id": filters.author_id,
        "subject_id": filters.subject_id,
        "pinned": filters.pinned,
        "valid_at": filters.valid_at,
    }


def _statement(filters: Filters) -> str:
    parts = []
    if RecordKind.MESSAGE in filters.kinds and not asked_of_memories(filters):
        parts.append(MESSAGES_WITH)
    if RecordKind.MEMORY in filters.kinds:
        parts.append(MEMORIES_WITH)
    return " UNION ALL ".join(parts)
