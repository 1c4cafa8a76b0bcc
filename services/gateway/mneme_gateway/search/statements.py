"""The SQL of search. Every statement names tenant and user; row-level security holds the tenant a second time."""

from __future__ import annotations

from mneme_gateway.search.packing import (
    PACKED_CLOSED_MEMORIES,
    PACKED_CLOSED_MESSAGES,
    PACKED_MEMORIES,
    PACKED_MESSAGES,
)

PAGE = 1024
"""Ledger positions read at once: bounds the size of an answer, and how long cutting it into terms takes."""

_OWN = "tenant_id = %(tenant)s AND user_id = %(user)s"

# Both ends of the range are given: with one of them missing, the planner takes a third of the user's rows for granted.
_OPEN = f"""
{_OWN} AND from_seq > %(after)s::bigint AND from_seq <= least((SELECT position FROM head), %(after)s::bigint + {PAGE})
AND (to_seq IS NULL OR to_seq > (SELECT position FROM head))
"""
_CLOSED = f"""
{_OWN} AND to_seq > %(after)s::bigint AND to_seq <= (SELECT position FROM head) AND from_seq <= %(after)s::bigint
"""

WRITTEN_SINCE = f"""
WITH head AS MATERIALIZED (
    SELECT least(coalesce(max(head_seq), 0), coalesce(%(at)s::bigint, 9223372036854775807)) AS position,
        coalesce(max(erased_seq), 0) AS erased
    FROM heads WHERE {_OWN}
)
SELECT (SELECT position FROM head) AS position, (SELECT erased FROM head) AS erased,
       said.*, known.*, unsaid.*, unknown.*
FROM (SELECT {PACKED_MESSAGES} FROM messages WHERE {_OPEN}) AS said,
     (SELECT {PACKED_MEMORIES} FROM memories WHERE {_OPEN} AND NOT tombstone) AS known,
     (SELECT {PACKED_CLOSED_MESSAGES} FROM messages WHERE {_CLOSED}) AS unsaid,
     (SELECT {PACKED_CLOSED_MEMORIES} FROM memories WHERE {_CLOSED}) AS unknown
"""
"""One page of what is open at a position and came after another, and what was closed in between.

One statement, one snapshot: rows and position belong together. Without ``at`` the position is the present
head; later pages repeat the first one's position, and since versions never change they fit it.
"""

POSITION_AT = f"SELECT seq FROM ledger WHERE {_OWN} AND applied_at <= %(moment)s ORDER BY seq DESC LIMIT 1"
"""Transaction time rises with the position, so the first row from the end that is old enough is the one."""

TIME_OF = f"""
SELECT head_seq, (
    SELECT applied_at FROM ledger WHERE {_OWN} AND seq <= %(position)s ORDER BY seq DESC LIMIT 1
) AS applied_at
FROM heads WHERE {_OWN}
"""
"""When a position was reached. A position may have no row: a buried event that was applied later left its place."""

_OPEN_THEN = f"{_OWN} AND from_seq <= %(position)s AND (to_seq IS NULL OR to_seq > %(position)s)"
_HAS_METADATA = """
NOT EXISTS (
    SELECT 1 FROM unnest(%(names)s::text[], %(values)s::jsonb[]) AS wanted(name, value)
    WHERE {column} -> wanted.name IS DISTINCT FROM wanted.value
)
"""

_CONTAINS = """
(%(sought)s::text[] IS NULL
 OR EXISTS (SELECT 1 FROM unnest(%(sought)s::text[]) AS s(word) WHERE strpos(lower(content), s.word) > 0))
"""

MESSAGES_WITH = f"""
SELECT message_id AS id, revision FROM messages
WHERE {_OPEN_THEN} AND {_HAS_METADATA.format(column="metadata")} AND {_CONTAINS}
"""
MEMORIES_WITH = f"""
SELECT memory_id AS id, NULL::integer AS revision FROM memories
WHERE {_OPEN_THEN} AND NOT tombstone AND {_HAS_METADATA.format(column="extra_metadata")}
AND tags @> %(tags)s::text[]
AND (%(author_id)s::text IS NULL OR author_id = %(author_id)s)
AND (%(subject_id)s::text IS NULL OR subject_id = %(subject_id)s)
AND (%(pinned)s::boolean IS NULL OR pinned = %(pinned)s)
AND (%(valid_at)s::timestamptz IS NULL
     OR coalesce(valid_from, '-infinity') <= %(valid_at)s AND coalesce(valid_to, 'infinity') > %(valid_at)s)
AND {_CONTAINS}
"""
"""Which versions, open at a position, have each wanted value under its name (equal as JSON), all of the tags, and
whatever else is asked of them. A memory is true at a time unless it is known to begin later or to have ended.
"""
