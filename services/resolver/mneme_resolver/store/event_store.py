"""The resolver's one transaction (guarantees 2, 3, 4, 6, 10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mneme_common.adapters.postgres import Connection, Database, Together
from mneme_common.contracts.changes import Change, EventFailed
from mneme_common.domain.clock import transaction_time
from mneme_common.runtime.stage import Checkpoint, Step
from mneme_resolver.decide.applied import AppliedEvent
from mneme_resolver.decide.decision import DECIDER_VERSION
from mneme_resolver.decide.erasure import ERASED, unless_erased, unless_orphaned
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.fold import apply_event
from mneme_resolver.decide.state import UserState
from mneme_resolver.decide.switches import Switches, taken_back
from mneme_resolver.ports import Clock, Subject, Wrapped
from mneme_resolver.store import ledger
from mneme_resolver.store.cipher import DataKey
from mneme_resolver.store.held_states import HeldStates
from mneme_resolver.store.load import load, load_readings
from mneme_resolver.store.needs import needs_of
from mneme_resolver.store.policies import scrub_events
from mneme_resolver.store.redaction import redact_deleted
from mneme_resolver.store.reemit import changes_again, references
from mneme_resolver.store.schemas import named_part, with_schemas
from mneme_resolver.store.subject_keys import SubjectKeys
from mneme_resolver.store.switch_rows import KillSwitchRows
from mneme_resolver.store.write import write_records

Known = Mapping[tuple[str, UUID], Mapping[str, object]]


States = Mapping[tuple[str, str], UserState]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresEventStore:
    """``create_only`` stops merging for everybody, ``switches`` by tenant and class (S1-50).

    ``count`` is told of every batch that is committed, and in how many classes it took updates back.
    """

    database: Database
    keys: SubjectKeys
    clock: Clock
    checkpoint: Checkpoint
    create_only: bool = False
    switches: KillSwitchRows | None = None
    count: Callable[[Sequence[AppliedEvent], int], None] = lambda _applied, _taken_back: None
    held: HeldStates = field(default_factory=HeldStates)

    async def apply(self, events: Sequence[ResolverEvent]) -> Sequence[tuple[ResolverEvent, Sequence[Change]]]:
        """Lock heads, tell new events from known ones, load, decide and fold in order, write in bulk."""
        tenants = sorted({event.tenant_id for event in events})
        switched = await self.switches.current() if self.switches is not None else {}
        async with self.database.transaction(tenants) as connection:
            states = await ledger.lock_heads(connection, (event.subject for event in events))
            self.held.lend(states.values())
            for state in states.values():
                _switch(state, switched.get(state.tenant_id), create_only=self.create_only)
            known = await ledger.known(connection, events)
            fresh = _fresh(events, known.events)
            await self._revive(connection, fresh, known.events)
            again = await changes_again(connection, _unemitted(events, fresh, known.events, states))
            fresh = [unless_erased(event, states[event.subject]) for event in fresh]
            fresh = await scrub_events(connection, fresh, self.keys.pseudonym_key)
            fresh = await with_schemas(connection, fresh)
            needs = needs_of(fresh)
            await load(connection, needs, states)
            await load_readings(connection, needs, states)
            applied = [self._fold(event, states[event.subject]) for event in fresh]
            writes = Together()
            await write_records(connection, writes, applied)
            keys = await self._write_ledger(writes, applied, known.keys)
            ledger.advance_heads(writes, [states[subject] for subject in {event.subject for event in fresh}])
            # Of known events too: a retry journals its event again, and waits for the outcome that is already there.
            ledger.forget_journal(writes, [(event.tenant_id, event.event_id) for event in events])
            await writes.send(connection, b"SELECT pg_notify('mneme_outcomes', '')")
            await redact_deleted(connection, applied, keys)
            back = taken_back(applied, states)
            if self.switches is not None:
                await self.switches.watch(connection, back)
            await self.checkpoint(Step.APPLIED)
        self.held.keep(states.values())
        self.count(applied, len(back))
        conflicts = [(event, [_conflict(event)]) for event in _conflicting(events, fresh, known.events)]
        return [*again, *((item.event, item.effects.changes or _failure(item)) for item in applied), *conflicts]

    async def mark_emitted(self, events: Sequence[ResolverEvent]) -> None:
        """Moves the marks of the users' heads, without a wait for the disk: a lost mark costs an emission."""
        columns = [event.tenant_id for event in events], [event.event_id for event in events]
        await self.database.call("mark_emitted", columns)

    async def _revive(self, connection: Connection, fresh: Sequence[ResolverEvent], known: Known) -> None:
        buried = [(event.tenant_id, event.event_id) for event in fresh if (event.tenant_id, event.event_id) in known]
        if buried:
            await ledger.remove_buried(connection, buried)

    def _fold(self, event: ResolverEvent, state: UserState) -> AppliedEvent:
        event = unless_orphaned(event, state)
        seq = state.head_seq + 1
        time = transaction_time(self.clock(), state.head_time)
        decision, effects = apply_event(event, state, seq, time)
        if event.privacy is not None:
            decision = decision.model_copy(update={"privacy": event.privacy})
        if event.schema is not None:
            decision = decision.model_copy(update={"tenant_schema": named_part(event, state)})
        if state.switch_version is not None:
            decision = decision.model_copy(update={"switch_version": state.switch_version})
        return AppliedEvent(event, seq, time, decision, effects)

    async def _write_ledger(
        self, writes: Together, applied: Sequence[AppliedEvent], known: Mapping[Subject, Wrapped | None]
    ) -> dict[Subject, DataKey]:
        telling = {item.event.subject for item in applied if not _says_nothing(item)}
        keys = await self.keys.for_writing(telling, known, self.clock())
        writes.insert("subject_keys", keys.fresh)
        writes.insert("ledger", [_ledger_row(item, keys.opened.get(item.event.subject)) for item in applied])
        return keys.opened


def _payload(item: AppliedEvent, key: DataKey | None) -> bytes:
    if _says_nothing(item) or key is None:
        return b""
    return key.encrypt(item.event.event_id, item.event.data.model_dump_json(exclude_none=True).encode())


def _ledger_row(item: AppliedEvent, key: DataKey | None) -> Mapping[str, object]:
    event = item.event
    return {
        "tenant_id": event.tenant_id,
        "event_id": event.event_id,
        "user_id": event.user_id,
        "seq": item.seq,
        "event_type": event.type,
        "type_version": event.version,
        "source": event.source,
        "status": "refused" if item.decision.refused else "applied",
        "request_hash": event.request_hash,
        "payload": _payload(item, key),
        "decision": item.decision.model_dump(mode="json", exclude_none=True),
        "decider_version": DECIDER_VERSION,
        "outcome": item.effects.outcome | {"changes": references(item.effects.changes)},
        "traceparent": event.traceparent,
        "applied_at": item.time,
    }


def _switch(state: UserState, switches: Switches | None, *, create_only: bool) -> None:
    state.create_only = create_only
    if switches is not None:
        state.create_only_classes, state.switch_version = switches.classes, switches.version


def _says_nothing(item: AppliedEvent) -> bool:
    """An event that an erasure has emptied: its row has no payload, and needs no key."""
    return item.decision.refused is not None and item.decision.refused.code == ERASED


def _fresh(events: Sequence[ResolverEvent], known: Known) -> list[ResolverEvent]:
    """Events to apply: not in the ledger, or only buried there; of several deliveries in a batch the first."""
    first: dict[tuple[str, UUID], ResolverEvent] = {}
    for event in events:
        key = event.tenant_id, event.event_id
        if key not in known or known[key]["status"] == "buried":
            first.setdefault(key, event)
    return list(first.values())


def _unemitted(
    events: Sequence[ResolverEvent], fresh: Iterable[ResolverEvent], known: Known, states: States
) -> dict[tuple[str, UUID], ResolverEvent]:
    """Known events whose changes may never have reached the log; another user's event is none of this one's."""
    applied = {(event.tenant_id, event.event_id) for event in fresh}
    return {
        key: event
        for event in events
        if (key := (event.tenant_id, event.event_id)) not in applied
        and (row := known[key])["user_id"] == event.user_id
        and int(str(row["seq"])) > states[event.subject].emitted_seq
    }


def _conflicting(events: Sequence[ResolverEvent], fresh: Iterable[ResolverEvent], known: Known) -> list[ResolverEvent]:
    """Events that carry the id of another request."""
    hashes = {(event.tenant_id, event.event_id): event.request_hash for event in fresh}
    hashes |= {key: str(row["request_hash"]) for key, row in known.items() if key not in hashes}
    known_hashes = ((event, hashes[event.tenant_id, event.event_id]) for event in events)
    return [event for event, known_hash in known_hashes if known_hash not in ("", event.request_hash)]


def _conflict(event: ResolverEvent) -> EventFailed:
    return EventFailed(
        event_id=event.event_id,
        event_type=event.type,
        status=409,
        detail="Another request was applied under this event id before.",
    )


def _failure(item: AppliedEvent) -> list[Change]:
    refusal = item.decision.refused
    if refusal is None:
        return []
    return [
        EventFailed(
            event_id=item.event.event_id,
            event_type=item.event.type,
            status=refusal.status or 0,
            detail=refusal.detail or "",
            position=item.seq,
        )
    ]
