"""Folding a page of the ledger: pure work on values, which a thread may do beside the event loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from pydantic import ValidationError

from mneme_common.contracts.envelope import InvalidEventError
from mneme_resolver.decide.applied import AppliedEvent
from mneme_resolver.decide.decision import Decision
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.fold import apply_event
from mneme_resolver.decide.reading import stored_event
from mneme_resolver.decide.report import Difference, Redecision
from mneme_resolver.decide.state import UserState
from mneme_resolver.replay.ledger_pages import LedgerRow
from mneme_resolver.replay.redecide import redecided
from mneme_resolver.store.cipher import DataKey
from mneme_resolver.store.reemit import references

_UNREADABLE = (InvalidTag, InvalidEventError, ValidationError, TypeError, ValueError)


@dataclass(slots=True)
class Folded:
    """What a page came to."""

    applied: list[AppliedEvent] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    redecisions: list[Redecision] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Readable:
    """A ledger row that could be read."""

    row: LedgerRow
    event: ResolverEvent
    recorded: Decision


def read_page(key: DataKey, page: Sequence[LedgerRow]) -> tuple[list[Readable], list[Difference]]:
    """The events of the rows that were applied or refused; rows that cannot be read are differences."""
    readable: list[Readable] = []
    differences: list[Difference] = []
    for row in page:
        if row.buried or row.erased:
            continue
        try:
            payload = key.decrypt(row.event_id, bytes(row.row["payload"]))
            recorded = Decision.model_validate(row.row["decision"])
            event = replace(stored_event(row.row, payload), schema=recorded.tenant_schema)
            readable.append(Readable(row, event, recorded))
        except _UNREADABLE as error:
            differences.append(_unfit(row, f"cannot be read: {type(error).__name__}"))
    return readable, differences


def fold_page(readable: Sequence[Readable], state: UserState, *, redecide: bool) -> Folded:
    """Applies the recorded decisions in order; with ``redecide`` also asks today's code for its own."""
    folded = Folded()
    for item in readable:
        row = item.row
        if redecide:
            folded.redecisions += redecided(item.event, item.recorded, state, row.seq, row.applied_at)
        try:
            decision, effects = apply_event(item.event, state, row.seq, row.applied_at, item.recorded)
        except (LookupError, TypeError, ValueError) as error:
            folded.differences.append(_unfit(row, f"cannot be folded: {type(error).__name__}"))
            continue
        folded.applied.append(AppliedEvent(item.event, row.seq, row.applied_at, decision, effects))
        if effects.outcome | {"changes": references(effects.changes)} != row.row["outcome"]:
            folded.differences.append(_unfit(row, "another outcome"))
    return folded


def _unfit(row: LedgerRow, why: str) -> Difference:
    return Difference(row.row["tenant_id"], row.row["user_id"], "ledger", str(row.event_id), why)
