"""The rows of messages and memories as the index sees them, and the rows that say what is indexed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mneme_common.adapters.postgres import Database
from mneme_common.domain.vectors import Closing, Point
from mneme_embedder.decide.plan import RecordState
from mneme_embedder.decide.targets import Target

_WANTED = """
unnest(%(tenants)b::text[], %(users)b::text[], %(kinds)b::text[], %(records)b::uuid[], %(revisions)b::integer[],
       %(points)b::uuid[], %(hashes)s::text[], %(ends)s::bigint[]) WITH ORDINALITY
    AS w(tenant_id, user_id, kind, record_id, revision, point_id, content_hash, to_seq, number)
"""
# One look by key for each version: as a join it may be planned as a comparison with all rows of the tenant. The owner
# is compared afterwards, and the tenant in a way that no index serves: given either, the planner of a young database
# would rather read all of their rows. Row-level security holds besides. A message whose words were deleted counts as
# gone: its points are removed.
_MESSAGES = f"""
{_WANTED} JOIN LATERAL (
    SELECT user_id, from_seq, to_seq FROM messages
    WHERE message_id = w.record_id AND revision = w.revision AND tenant_id || '' = w.tenant_id
        AND content <> redacted_content(event_id) LIMIT 1
) AS m ON w.kind = 'message'
"""
_MEMORIES = f"""
{_WANTED} JOIN LATERAL (
    SELECT user_id, from_seq, to_seq FROM memories
    WHERE memory_id = w.record_id AND tenant_id || '' = w.tenant_id LIMIT 1
) AS m ON w.kind = 'memory'
"""

_STATE = """
SELECT w.number, m.user_id, m.from_seq, m.to_seq, i.content_hash AS indexed_hash, i.to_seq AS indexed_to_seq FROM
"""
_INDEXED = """
LEFT JOIN LATERAL (
    SELECT content_hash, to_seq FROM indexed
    WHERE tenant_id = w.tenant_id AND point_id = w.point_id AND model = %(model)s LIMIT 1
) AS i ON true
"""
_STATES = f"{_STATE} {_MESSAGES} {_INDEXED} UNION ALL {_STATE} {_MEMORIES} {_INDEXED}"

_MARK = f"""
WITH found AS MATERIALIZED (
    SELECT w.*, m.user_id AS owner FROM {_MESSAGES} UNION ALL SELECT w.*, m.user_id FROM {_MEMORIES}
), written AS (
    INSERT INTO indexed AS i (tenant_id, user_id, model, point_id, content_hash, to_seq)
    SELECT tenant_id, user_id, %(model)s, point_id, content_hash, to_seq FROM found
    WHERE owner = user_id ORDER BY number
    ON CONFLICT (tenant_id, point_id, model) DO UPDATE
    SET content_hash = excluded.content_hash, to_seq = coalesce(i.to_seq, excluded.to_seq), indexed_at = now()
    WHERE i.content_hash <> excluded.content_hash OR (i.to_seq IS NULL AND excluded.to_seq IS NOT NULL)
)
SELECT number FROM found WHERE owner = user_id
"""

_MARK_CLOSED = """
UPDATE indexed i SET to_seq = w.to_seq, indexed_at = now()
FROM unnest(%b::text[], %b::text[], %b::uuid[], %b::bigint[]) AS w(tenant_id, model, point_id, to_seq)
WHERE i.tenant_id = w.tenant_id AND i.model = w.model AND i.point_id = w.point_id AND i.to_seq IS NULL
"""

_FORGET = """
DELETE FROM indexed i USING unnest(%b::text[], %b::uuid[]) AS w(tenant_id, point_id)
WHERE i.tenant_id = w.tenant_id AND i.model = %s AND i.point_id = w.point_id
"""


@dataclass(frozen=True, slots=True)
class RecordRows:
    """The port Records on PostgreSQL, as the writer role."""

    database: Database

    async def states(self, targets: Sequence[Target], model: str) -> Sequence[RecordState | None]:
        """See Records; one statement."""
        async with self.database.transaction(_tenants(targets)) as connection:
            cursor = await connection.execute(_STATES, _columns(targets) | {"model": model})
            rows = await cursor.fetchall()
        states: list[RecordState | None] = [None] * len(targets)
        for row in rows:
            place = row.pop("number") - 1
            if row.pop("user_id") == targets[place].user_id:
                states[place] = RecordState(**row)
        return states

    async def mark(self, points: Sequence[tuple[Target, Point]], closings: Sequence[Closing]) -> Sequence[Target]:
        """See Records; one statement for the points of each model and one for the closings."""
        targets = [target for target, _ in points]
        tenants = {*_tenants(targets), *(closing.key.tenant_id for closing in closings)}
        vanished: list[Target] = []
        async with self.database.transaction(sorted(tenants)) as connection:
            for model in sorted({point.key.model for _, point in points}):
                of_model = [(target, point) for target, point in points if point.key.model == model]
                columns = _columns([target for target, _ in of_model], [point for _, point in of_model])
                cursor = await connection.execute(_MARK, columns | {"model": model})
                found = {row["number"] for row in await cursor.fetchall()}
                vanished += [target for number, (target, _) in enumerate(of_model, 1) if number not in found]
            if closings:
                await connection.execute(_MARK_CLOSED, _closed(closings))
        return vanished

    async def forget(self, targets: Sequence[Target], model: str) -> None:
        """See Records."""
        values = ([target.tenant_id for target in targets], [target.point_id for target in targets], model)
        async with self.database.transaction(_tenants(targets)) as connection:
            await connection.execute(_FORGET, values)


def _columns(targets: Sequence[Target], points: Sequence[Point] = ()) -> dict[str, object]:
    return {
        "tenants": [target.tenant_id for target in targets],
        "users": [target.user_id for target in targets],
        "kinds": [target.kind.value for target in targets],
        "records": [target.record_id for target in targets],
        "revisions": [target.revision for target in targets],
        "points": [target.point_id for target in targets],
        "hashes": [point.content_hash for point in points],
        "ends": [point.to_seq for point in points],
    }


def _closed(closings: Sequence[Closing]) -> tuple[list[object], ...]:
    return (
        [closing.key.tenant_id for closing in closings],
        [closing.key.model for closing in closings],
        [closing.key.point_id for closing in closings],
        [closing.to_seq for closing in closings],
    )


def _tenants(targets: Sequence[Target]) -> list[str]:
    return sorted({target.tenant_id for target in targets})
