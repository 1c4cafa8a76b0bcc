"""The keys of data subjects, made with a subject's first event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from mneme_common.adapters.postgres import Connection, insert_rows
from mneme_common.domain.failures import PermanentError
from mneme_resolver.store.cipher import PayloadCipher

Subject = tuple[str, str]


class SubjectKeys:
    """Wrapped keys by subject. The head rows are locked, so nobody else makes the same key meanwhile."""

    def __init__(self, cipher: PayloadCipher) -> None:
        self.cipher = cipher

    async def of_subjects(
        self, connection: Connection, subjects: Iterable[Subject], now: datetime
    ) -> dict[Subject, bytes]:
        """The wrapped key of each subject, made where it is missing; raises PermanentError for one that is erased."""
        ordered = sorted(subjects)
        cursor = await connection.execute(
            "SELECT k.tenant_id, k.user_id, k.wrapped_key FROM unnest(%s::text[], %s::text[]) AS w (tenant_id, user_id)"
            " JOIN subject_keys k ON k.tenant_id = w.tenant_id AND k.user_id = w.user_id",
            ([tenant_id for tenant_id, _ in ordered], [user_id for _, user_id in ordered]),
        )
        found = {(row["tenant_id"], row["user_id"]): row["wrapped_key"] for row in await cursor.fetchall()}
        made = self.missing(ordered, found)
        await insert_rows(connection, "subject_keys", key_rows(made, now))
        return found | made

    def missing(self, subjects: Iterable[Subject], found: Mapping[Subject, bytes | None]) -> dict[Subject, bytes]:
        """Fresh keys, not stored yet, for those without one; raises PermanentError for one that has been erased."""
        if any(key is None for key in found.values()):
            raise PermanentError("erased", "The data subject has been erased.")
        return {subject: self.cipher.new_key(*subject) for subject in subjects if subject not in found}


def key_rows(made: Mapping[Subject, bytes], now: datetime) -> list[Mapping[str, object]]:
    """Fresh keys as rows of ``subject_keys``."""
    return [
        {"tenant_id": tenant_id, "user_id": user_id, "wrapped_key": key, "created_at": now}
        for (tenant_id, user_id), key in made.items()
    ]
