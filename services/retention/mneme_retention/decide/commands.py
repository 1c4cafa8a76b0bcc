"""Commands for what is due: a user's ids together, in pieces that one transaction of the resolver can take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from mneme_common.contracts.commands import ApplyRetention
from mneme_common.domain.identifiers import digest, scheduled_event_id

IDS_IN_A_COMMAND = 500

Act = Literal["archive", "delete", "expire", "decay"]
_FIELDS: dict[Act, str] = {
    "archive": "archive_message_ids",
    "delete": "delete_message_ids",
    "expire": "expire_memory_ids",
    "decay": "decay_memory_ids",
}


@dataclass(frozen=True, slots=True)
class RetentionCommand:
    """A ``retention.apply`` of one user, and the id of its event."""

    event_id: UUID
    user_id: str
    data: ApplyRetention

    @property
    def size(self) -> int:
        """How many records it is about."""
        data = self.data
        return sum(len(getattr(data, name)) for name in _FIELDS.values())


def commands_for(
    tenant_id: str, job_id: UUID, act: Act, reason: str, due: Iterable[tuple[str, UUID]]
) -> list[RetentionCommand]:
    """Commands for (user, record id) pairs, in the order in which the users come.

    The event id is a function of job, user and record ids: a job that is begun again issues the same command for the
    same choice, and another for another.
    """
    of_user: dict[str, list[UUID]] = defaultdict(list)
    for user_id, record_id in due:
        of_user[user_id].append(record_id)
    return [
        _command(tenant_id, user_id, job_id, act, reason, ids[start : start + IDS_IN_A_COMMAND])
        for user_id, ids in of_user.items()
        for start in range(0, len(ids), IDS_IN_A_COMMAND)
    ]


def _command(tenant_id: str, user_id: str, job_id: UUID, act: Act, reason: str, ids: list[UUID]) -> RetentionCommand:
    index = int.from_bytes(digest(act, *(record_id.bytes for record_id in ids))[:8], "big")
    data = ApplyRetention.model_validate({_FIELDS[act]: ids, "reason": reason, "job_id": str(job_id)})
    return RetentionCommand(scheduled_event_id(tenant_id, user_id, job_id.hex, index), user_id, data)
