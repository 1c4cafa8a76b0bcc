"""What an erasure means for events that arrive after it (guarantee 11)."""

from __future__ import annotations

from dataclasses import replace

from mneme_common.contracts.commands import EventData, ProposeMemories
from mneme_resolver.decide.event import Refusal, ResolverEvent
from mneme_resolver.decide.state import UserState

ERASED = "ERASED"
_REFUSAL = Refusal(410, ERASED, "The memory of this user was erased after this was accepted.")


def unless_erased(event: ResolverEvent, state: UserState) -> ResolverEvent:
    """The event; without anything that it says, and refused, when it was accepted before its user was erased."""
    if state.erased_at is None or event.accepted_at is None or event.accepted_at > state.erased_at:
        return event
    return _discarded(event)


def unless_orphaned(event: ResolverEvent, state: UserState) -> ResolverEvent:
    """The event; discarded when it proposes what was read in a message that an erasure has taken away."""
    data = event.data
    if not state.erased_seq or not isinstance(data, ProposeMemories) or data.message_id in state.messages:
        return event
    return _discarded(event)


def _discarded(event: ResolverEvent) -> ResolverEvent:
    return replace(event, data=EventData(), refusal=_REFUSAL, request_hash="", source="", traceparent=None)
