"""Buried events: a dead letter, and a ledger row that tells whoever waits; a re-drive supersedes both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

from mneme_common.adapters.postgres import Connection, Database, Together
from mneme_common.adapters.worker_rows import insert_letters, resolve_letters
from mneme_common.contracts.dead_letters import DeadLetter, Seal
from mneme_common.contracts.envelope import InvalidEventError, from_headers
from mneme_common.domain.clock import transaction_time
from mneme_resolver.decide.decision import DECIDER_VERSION
from mneme_resolver.decide.reading import identify
from mneme_resolver.decide.state import UserState
from mneme_resolver.ports import Clock
from mneme_resolver.store import ledger
from mneme_resolver.store.cipher import DataKey
from mneme_resolver.store.subject_keys import SubjectKeys

Identified = tuple[str, str, UUID, DeadLetter]


@dataclass(frozen=True, slots=True)
class LedgerBurials:
    """The resolver's dead letters."""

    database: Database
    keys: SubjectKeys
    clock: Clock
    seal: Seal

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Stores letters and ledger rows together; an event that has a ledger row keeps it."""
        letters = [_of_event(letter) for letter in letters]
        named = [(*identity, letter) for letter in letters if (identity := identify(letter.record)) is not None]
        tenants = sorted({tenant_id for tenant_id, _, _, _ in named})
        async with self.database.transaction(tenants, operator=True) as connection:
            await insert_letters(connection, [replace(letter, record=self.seal(letter.record)) for letter in letters])
            if named:
                await self._write_ledger(connection, named)
                await connection.execute("NOTIFY mneme_outcomes")

    async def resolve(self, stage: str, letters: Sequence[UUID]) -> None:
        """Notes that what these letters hold has been applied."""
        async with self.database.transaction(operator=True) as connection:
            await resolve_letters(connection, stage, letters)

    async def _write_ledger(self, connection: Connection, named: Sequence[Identified]) -> None:
        states = await ledger.lock_heads(connection, ((tenant_id, user_id) for tenant_id, user_id, _, _ in named))
        known = await _known(connection, named)
        fresh = {(tenant_id, event_id): (tenant_id, user_id, event_id, letter)
                 for tenant_id, user_id, event_id, letter in named if (tenant_id, event_id) not in known}  # fmt: skip
        keys = await self.keys.of_subjects(connection, set(states), self.clock())
        rows = []
        for tenant_id, user_id, event_id, letter in fresh.values():
            state = states[tenant_id, user_id]
            state.head_seq += 1
            state.head_time = transaction_time(self.clock(), state.head_time)
            rows.append(_row(event_id, letter, state, keys[tenant_id, user_id]))
        writes = Together()
        writes.insert("ledger", rows)
        ledger.advance_heads(writes, list(states.values()))
        ledger.forget_journal(writes, [(tenant_id, event_id) for tenant_id, _, event_id, _ in named])
        await writes.send(connection)


def _row(event_id: UUID, letter: DeadLetter, state: UserState, key: DataKey) -> Mapping[str, object]:
    value = letter.record.value or b""
    event_type, source, claimed = _described(letter)
    return {
        "tenant_id": state.tenant_id,
        "event_id": event_id,
        "user_id": state.user_id,
        "seq": state.head_seq,
        "event_type": event_type,
        "type_version": 1,
        "source": source,
        "status": "buried",
        "request_hash": claimed or sha256(value).hexdigest(),
        "payload": key.encrypt(event_id, value),
        "decision": {},
        "decider_version": DECIDER_VERSION,
        "outcome": {
            "status": 500,
            "code": "EVENT_BURIED",
            "detail": f"{letter.reason}: {letter.detail}".replace("\x00", ""),
        },
        "traceparent": None,
        "applied_at": state.head_time,
    }


def _of_event(letter: DeadLetter) -> DeadLetter:
    """The letter under the id by which the ledger knows its event, which for turns is not the record's own."""
    identity = identify(letter.record)
    return letter if identity is None else replace(letter, event_id=identity[2])


async def _known(connection: Connection, named: Sequence[Identified]) -> set[tuple[str, UUID]]:
    cursor = await connection.execute(
        "SELECT w.tenant_id, w.event_id FROM unnest(%s::text[], %s::uuid[]) AS w (tenant_id, event_id)"
        " CROSS JOIN LATERAL ("
        "SELECT * FROM ledger l WHERE l.event_id = w.event_id OFFSET 0) AS l WHERE l.tenant_id = w.tenant_id",
        ([item[0] for item in named], [item[2] for item in named]),
    )
    return {(row["tenant_id"], row["event_id"]) for row in await cursor.fetchall()}


def _described(letter: DeadLetter) -> tuple[str, str, str | None]:
    try:
        attributes = from_headers(letter.record.headers)
    except InvalidEventError:
        attributes = None
    if attributes is None:
        return "unreadable", letter.record.topic, None
    return attributes.type, attributes.source, attributes.request_hash
