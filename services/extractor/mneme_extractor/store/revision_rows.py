"""How revisions stand, asked of PostgreSQL once for a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mneme_common.adapters.postgres import Database
from mneme_extractor.decide.extraction import LIVE
from mneme_extractor.decide.standing import RevisionKey, Standing, standing_of

# All look-ups enter by the primary keys.
_STANDINGS = """
SELECT w.number,
    EXISTS (SELECT 1 FROM extractions x WHERE x.tenant_id = w.tenant_id AND x.source_event_id = w.event_id
            AND x.schema_version = %(schema)s AND x.run = %(run)s) AS extracted,
    EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = w.tenant_id AND m.message_id = w.message_id
            AND m.user_id = w.user_id AND m.event_id = w.event_id AND m.to_seq IS NULL) AS current,
    EXISTS (SELECT 1 FROM postponed_extractions p WHERE p.tenant_id = w.tenant_id AND p.user_id = w.user_id) AS waiting
FROM unnest(%(tenants)s::text[], %(users)s::text[], %(messages)s::uuid[], %(events)s::uuid[])
    WITH ORDINALITY AS w(tenant_id, user_id, message_id, event_id, number)
"""


@dataclass(frozen=True, slots=True)
class RevisionRows:
    """The port Revisions on PostgreSQL, as the writer role."""

    database: Database

    async def standings(self, revisions: Sequence[RevisionKey], schema_version: str) -> Mapping[RevisionKey, Standing]:
        """See Revisions; one statement."""
        if not revisions:
            return {}
        tenants = sorted({revision.tenant_id for revision in revisions})
        columns = {
            "tenants": [revision.tenant_id for revision in revisions],
            "users": [revision.user_id for revision in revisions],
            "messages": [revision.message_id for revision in revisions],
            "events": [revision.event_id for revision in revisions],
            "schema": schema_version,
            "run": LIVE,
        }
        async with self.database.transaction(tenants) as connection:
            rows = await (await connection.execute(_STANDINGS, columns)).fetchall()
        return {
            revisions[row["number"] - 1]: standing_of(
                extracted=row["extracted"], current=row["current"], waiting=row["waiting"]
            )
            for row in rows
        }
