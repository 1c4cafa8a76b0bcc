"""The keys of data subjects: made with a subject's first event, stored wrapped, opened once and remembered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme_common.adapters.postgres import Connection, insert_rows
from mneme_common.domain.failures import PermanentError
from mneme_resolver.ports import KeyWrapper, Subject, Wrapped
from mneme_resolver.store.cipher import DataKey, fresh_key

_REMEMBERED_MAX = 10_000


@dataclass(slots=True)
class WritingKeys:
    """The opened keys of the subjects of a batch, and the rows of those among them that are new."""

    opened: dict[Subject, DataKey]
    fresh: list[Mapping[str, object]] = field(default_factory=list)


class SubjectKeys:
    """Keys by subject. Whoever writes has locked the head rows, so nobody else makes the same key meanwhile."""

    def __init__(self, wrapper: KeyWrapper, pseudonym_key: bytes) -> None:
        self.wrapper = wrapper
        self.pseudonym_key = pseudonym_key
        self._remembered: OrderedDict[tuple[Subject, bytes], DataKey] = OrderedDict()

    async def opened(self, wrapped: Mapping[Subject, Wrapped]) -> dict[Subject, DataKey]:
        """The keys themselves; raises DependencyError while they cannot be unwrapped."""
        found: dict[Subject, DataKey] = {}
        closed: dict[Subject, Wrapped] = {}
        for subject, key in wrapped.items():
            known = self._remembered.get((subject, key.key))
            if known is None:
                closed[subject] = key
            else:
                self._remembered.move_to_end((subject, key.key))
                found[subject] = known
        if closed:
            for subject, raw in (await self.wrapper.unwrap(closed)).items():
                found[subject] = self._remember(subject, closed[subject], raw)
        return found

    async def for_writing(
        self, subjects: Iterable[Subject], found: Mapping[Subject, Wrapped | None], now: datetime
    ) -> WritingKeys:
        """The keys of the subjects, made where there is none; raises PermanentError for one that is erased."""
        if any(key is None for key in found.values()):
            raise PermanentError("erased", "The data subject has been erased.")
        wanted = set(subjects)
        keys = WritingKeys(
            await self.opened({subject: key for subject, key in found.items() if key and subject in wanted})
        )
        raw = {subject: fresh_key() for subject in sorted(wanted - set(found))}
        if raw:
            for subject, wrapped in (await self.wrapper.wrap(raw)).items():
                keys.opened[subject] = self._remember(subject, wrapped, raw[subject])
                keys.fresh.append(_row(subject, wrapped, now))
        return keys

    async def of_subjects(
        self, connection: Connection, subjects: Iterable[Subject], now: datetime
    ) -> dict[Subject, DataKey]:
        """The same for subjects whose keys have not been looked up; fresh ones are stored."""
        ordered = sorted(subjects)
        cursor = await connection.execute(
            "SELECT k.tenant_id, k.user_id, k.wrapped_key, k.wrapped_by"
            " FROM unnest(%s::text[], %s::text[]) AS w (tenant_id, user_id)"
            " JOIN subject_keys k ON k.tenant_id = w.tenant_id AND k.user_id = w.user_id",
            ([tenant_id for tenant_id, _ in ordered], [user_id for _, user_id in ordered]),
        )
        found = {(row["tenant_id"], row["user_id"]): wrapped_of(row) for row in await cursor.fetchall()}
        keys = await self.for_writing(ordered, found, now)
        await insert_rows(connection, "subject_keys", keys.fresh)
        return keys.opened

    def _remember(self, subject: Subject, wrapped: Wrapped, raw: bytes) -> DataKey:
        key = self._remembered[subject, wrapped.key] = DataKey(raw)
        if len(self._remembered) > _REMEMBERED_MAX:
            self._remembered.popitem(last=False)
        return key


def wrapped_of(row: Mapping[str, object]) -> Wrapped | None:
    """The wrapped key in a row of ``subject_keys``; None where it has been destroyed."""
    key = row["wrapped_key"]
    return Wrapped(str(row["wrapped_by"]), key) if isinstance(key, bytes) else None


def _row(subject: Subject, wrapped: Wrapped, now: datetime) -> Mapping[str, object]:
    tenant_id, user_id = subject
    return {
        "tenant_id": tenant_id,
        "user_id": user_id,
        "wrapped_key": wrapped.key,
        "wrapped_by": wrapped.by,
        "created_at": now,
    }
