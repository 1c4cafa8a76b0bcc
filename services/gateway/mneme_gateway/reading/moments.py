"""Points in the past of a user's records: what was known then (guarantee 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mneme_common.domain.vocabulary import Status
from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import invalid_field
from mneme_gateway.ports import Row
from mneme_gateway.search.pages import IndexPages


@dataclass(frozen=True, slots=True)
class Past:
    """A position in the user's ledger, and the time at which it is looked from."""

    now: datetime
    position: int

    def as_then(self, row: Row) -> Row:
        """The row of a memory without what ended it later, and without statistics, which are of the present."""
        row = {**row, "access_count": None, "last_accessed_at": None}
        if row["to_seq"] is None or row["to_seq"] <= self.position:
            return row
        status = row["status"] if row["tombstone"] else Status.ACTIVE.value
        return {**row, "to_seq": None, "superseded_by": None, "status": status}


class Moments:
    """Finds the ledger position that a time or a number stands for."""

    def __init__(self, pages: IndexPages) -> None:
        self._pages = pages

    async def past(self, scope: Scope, as_of: int | datetime) -> Past:
        """The past that is asked for; raises ApiError 422 for a position that is yet to come."""
        if isinstance(as_of, datetime):
            return Past(as_of, await self._pages.position_at(scope, as_of))
        applied_at = await self._pages.time_of(scope, as_of)
        if applied_at is None:
            raise invalid_field("as_of", "the ledger has no such position yet")
        return Past(applied_at, as_of)


def is_open(past: Past | None, alias: str = "") -> str:
    """SQL: whether a row is current, or was in the past; ``opened`` gives its parameters."""
    if past is None:
        return f"{alias}to_seq IS NULL"
    return f"{alias}from_seq <= %(position)s AND ({alias}to_seq IS NULL OR {alias}to_seq > %(position)s)"


def opened(past: Past | None) -> Mapping[str, object]:
    """The parameters of ``is_open``."""
    return {} if past is None else {"position": past.position, "then": past.now}
