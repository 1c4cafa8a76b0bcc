"""What today's code would decide, on the state that the recorded decisions made."""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest

from mneme_common.contracts.commands import ProposeMemories, RecordMessage
from mneme_common.contracts.record_commands import StoreRecord
from mneme_resolver.decide.classes import NOTE
from mneme_resolver.decide.decision import Action, Decision
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.fold import apply_event
from mneme_resolver.decide.report import Redecision
from mneme_resolver.decide.state import UserState


def redecided(event: ResolverEvent, recorded: Decision, state: UserState, seq: int, time: datetime) -> list[Redecision]:
    """The choices that differ in what is done or to what; the state is left as it is."""
    if event.refusal is not None or (isinstance(event.data, RecordMessage) and not event.data.remember):
        return []
    try:
        today, _ = apply_event(event, _fork(state, _switched(event, recorded)), seq, time)
        actions = today.actions
    except (LookupError, TypeError, ValueError) as error:
        actions = [Action(action="refuse", detail=type(error).__name__)]
    return [
        Redecision(event.tenant_id, event.user_id, str(event.event_id), seq, item, _said(then), _said(now))
        for item, (then, now) in enumerate(zip_longest(recorded.actions, actions))
        if _choice(then) != _choice(now)
    ]


def _switched(event: ResolverEvent, recorded: Decision) -> frozenset[str]:
    """The classes in which nothing was merged then."""
    classes = (
        [proposal.memory_class for proposal in event.data.proposals]
        if isinstance(event.data, ProposeMemories)
        else [NOTE.name] * len(recorded.actions)
    )
    if isinstance(event.data, StoreRecord):
        classes = [event.data.memory_class]
    chosen = zip(classes, recorded.actions, strict=False)
    return frozenset(name for name, action in chosen if action.basis == "create_only")


def _fork(state: UserState, create_only_classes: frozenset[str]) -> UserState:
    """A copy to decide on; what is a matter of configuration is as it was then (guarantee 9)."""
    fork = UserState(
        tenant_id=state.tenant_id,
        user_id=state.user_id,
        head_seq=state.head_seq,
        head_time=state.head_time,
        create_only_classes=create_only_classes,
    )
    for message in state.messages.values():
        fork.add_message(message)
    for version in state.versions():
        fork.add_version(version)
    for memory in state.memories.values():
        fork.add_memory(memory)
    fork.roots.update(state.roots)
    fork.read.update(state.read)
    return fork


def _choice(action: Action | None) -> tuple[object, ...]:
    return () if action is None else (action.action, action.target, action.status)


def _said(action: Action | None) -> str:
    if action is None:
        return "nothing"
    target = f" {action.target}" if action.target else ""
    return f"{action.action}{target} ({action.rule or action.basis})"
