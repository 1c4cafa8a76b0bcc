"""A conversation cleared: its messages are closed and the memories of a class ended, by one event (S1-06)."""

from __future__ import annotations

from datetime import datetime

from mneme_common.contracts.conversation_commands import ClearConversation
from mneme_resolver.decide.decision import Action, Decision
from mneme_resolver.decide.effects import Effects, joined
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.memories import fold_end
from mneme_resolver.decide.messages import fold_delete
from mneme_resolver.decide.state import UserState


def decide_clear(data: ClearConversation, state: UserState) -> Decision:
    """Everything that is there now, in the order of the ids; nothing at all is no fault."""
    said = [one.message_id for one in state.messages.values() if one.conversation_id == data.conversation_id]
    known = [] if data.memory_class is None else [memory.memory_id for memory in state.of_class(data.memory_class)]
    return Decision(
        actions=[Action(action="delete", basis="request", target=target) for target in (*sorted(said), *known)]
    )


def fold_clear(
    event: ResolverEvent, data: ClearConversation, decision: Decision, state: UserState, seq: int, time: datetime
) -> Effects:
    """The messages closed, and a tombstone for each memory."""
    parts: list[Effects] = []
    for index, action in enumerate(decision.actions):
        if action.target in state.messages:
            parts.append(fold_delete(action.target, state, seq))
        elif action.target is not None:
            parts.append(fold_end(event, action.target, state, index=index, seq=seq, time=time, reason=data.reason))
    whole = joined(parts)
    whole.outcome = {"status": 200, "messages": len(whole.closed_messages), "memories": len(whole.closed_memories)}
    return whole
