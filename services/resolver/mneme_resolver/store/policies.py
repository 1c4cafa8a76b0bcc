"""The privacy policies in force when a batch is applied."""

from __future__ import annotations

from collections.abc import Sequence

from mneme_common.adapters.postgres import Connection
from mneme_common.domain.privacy_policy import POLICY_COLUMNS, PrivacyPolicy, policy_of
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.privacy import needs_scrubbing, scrubbed

_DEFAULT = PrivacyPolicy()


async def scrub_events(
    connection: Connection, events: Sequence[ResolverEvent], pseudonym_key: bytes
) -> list[ResolverEvent]:
    """The events, each as its tenant's policy lets it be kept; nothing is read when all came through the gateway."""
    tenants = sorted({event.tenant_id for event in events if needs_scrubbing(event)})
    if not tenants:
        return list(events)
    cursor = await connection.execute(
        f"SELECT {POLICY_COLUMNS} FROM privacy_policies WHERE tenant_id = ANY(%s)", (tenants,)
    )
    policies = {row["tenant_id"]: policy_of(row) for row in await cursor.fetchall()}
    return [
        scrubbed(event, policies.get(event.tenant_id, _DEFAULT), pseudonym_key) if needs_scrubbing(event) else event
        for event in events
    ]
