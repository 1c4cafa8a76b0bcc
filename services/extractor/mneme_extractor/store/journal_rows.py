"""The items of a user's journal, in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass

from mneme_common.adapters.postgres import Database
from mneme_common.domain.journal import JOURNAL, Bucket
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.journal import Item

_ITEMS = """
SELECT DISTINCT values ->> 'bucket' AS bucket, values ->> 'key' AS key FROM memories
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND memory_class = %(class)s AND to_seq IS NULL AND NOT tombstone
"""


@dataclass(frozen=True, slots=True)
class JournalRows:
    """The port JournalItems."""

    database: Database

    async def known(self, subject: Subject) -> list[Item]:
        """See JournalItems."""
        asked = {"tenant": subject.tenant_id, "user": subject.user_id, "class": JOURNAL}
        async with self.database.transaction([subject.tenant_id]) as connection:
            rows = await (await connection.execute(_ITEMS, asked)).fetchall()
        return [Item(Bucket(row["bucket"]), row["key"]) for row in rows if row["bucket"] in set(Bucket) and row["key"]]
