"""One event, whole: its decision, and what follows from it. The only dispatch over the types of commands."""

from __future__ import annotations

from datetime import datetime

from mneme_common.contracts.commands import (
    ApplyRetention,
    DeleteMemory,
    DeleteMessage,
    NoteExtractions,
    ProposeMemories,
    RecordMessage,
    ReviseMemory,
    StoreMemory,
    UndoMemory,
    UndoOperation,
    UpdateMessage,
)
from mneme_common.contracts.conversation_commands import ClearConversation
from mneme_common.contracts.record_commands import ApplySchema, StoreRecord
from mneme_common.domain.vocabulary import Status
from mneme_resolver.decide import extractions, memories, messages, proposals, records, revising, schema_change
from mneme_resolver.decide.clearing import decide_clear, fold_clear
from mneme_resolver.decide.decision import Action, Decision, refuse
from mneme_resolver.decide.effects import Effects, joined
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.state import UserState
from mneme_resolver.decide.undo import decide_undo, fold_undo


def apply_event(
    event: ResolverEvent, state: UserState, seq: int, time: datetime, recorded: Decision | None = None
) -> tuple[Decision, Effects]:
    """Decides, unless the decision is recorded already (replay), folds, and advances the state."""
    state.use(event.schema)
    if event.refusal is not None:
        decision = refuse(event.refusal.status, event.refusal.code, event.refusal.detail)
        effects = _refused(decision.actions[0])
        state.advance(effects, seq, time)
        return decision, effects
    if isinstance(event.data, (ProposeMemories, NoteExtractions, ApplyRetention, ApplySchema)):
        return _apply_items(event, event.data, state, seq, time, recorded)
    decision = recorded if recorded is not None else _decide(event, state)
    effects = _fold(event, decision, state, seq, time)
    state.advance(effects, seq, time)
    return decision, effects


def _decide(event: ResolverEvent, state: UserState) -> Decision:
    match event.data:
        case RecordMessage():
            return _decide_record(event.data, state)
        case UpdateMessage():
            return messages.decide_update(event.data, state)
        case DeleteMessage():
            return messages.decide_delete(event.data, state)
        case StoreMemory() | StoreRecord() | ReviseMemory() | DeleteMemory() | UndoMemory() | UndoOperation():
            return _decide_memory(event.data, state)
        case ClearConversation():
            return decide_clear(event.data, state)
    raise TypeError(f"the resolver has no decision for {type(event.data).__name__}")


def _decide_memory(
    data: StoreMemory | StoreRecord | ReviseMemory | DeleteMemory | UndoMemory | UndoOperation, state: UserState
) -> Decision:
    match data:
        case StoreMemory():
            return memories.decide_store(data, state)
        case StoreRecord():
            return records.decide_record(data, state)
        case ReviseMemory():
            return revising.decide_revise(data, state)
        case DeleteMemory():
            return memories.decide_delete(data, state)
        case UndoMemory() | UndoOperation():
            return decide_undo(data, state)


def _decide_record(data: RecordMessage, state: UserState) -> Decision:
    decision = messages.decide_record(data, state)
    if not data.remember:
        return decision
    stored = memories.decide_store(memories.remembered(data), state)
    return stored.model_copy(update={"actions": decision.actions + stored.actions})


def _fold(event: ResolverEvent, decision: Decision, state: UserState, seq: int, time: datetime) -> Effects:
    if decision.refused is not None:
        return _refused(decision.refused)
    match event.data:
        case RecordMessage():
            return _fold_record(event, event.data, decision, state, seq, time)
        case UpdateMessage() | DeleteMessage() | ClearConversation():
            return _fold_conversation(event, event.data, decision, state, seq, time)
        case StoreMemory() | StoreRecord() | ReviseMemory() | DeleteMemory():
            return _fold_memory(event, event.data, decision.actions[0], state, seq, time)
        case UndoMemory() | UndoOperation():
            return fold_undo(event, decision, state, seq, time)
    raise TypeError(f"the resolver cannot fold {type(event.data).__name__}")


def _fold_conversation(
    event: ResolverEvent,
    data: UpdateMessage | DeleteMessage | ClearConversation,
    decision: Decision,
    state: UserState,
    seq: int,
    time: datetime,
) -> Effects:
    match data:
        case UpdateMessage():
            return messages.fold_update(event, data, decision, state, seq, time)
        case DeleteMessage():
            return messages.fold_delete(data.message_id, state, seq)
        case ClearConversation():
            return fold_clear(event, data, decision, state, seq, time)


def _fold_memory(
    event: ResolverEvent,
    data: StoreMemory | StoreRecord | ReviseMemory | DeleteMemory,
    action: Action,
    state: UserState,
    seq: int,
    time: datetime,
) -> Effects:
    match data:
        case StoreMemory():
            return memories.fold_store(event, data, action, state, seq, time)
        case StoreRecord():
            return records.fold_record(event, data, action, state, seq, time)
        case ReviseMemory():
            return revising.fold_revise(event, data, action, state, seq, time)
        case DeleteMemory():
            return memories.fold_delete(event, data, action, state, seq, time)


def _fold_record(
    event: ResolverEvent, data: RecordMessage, decision: Decision, state: UserState, seq: int, time: datetime
) -> Effects:
    effects = messages.fold_record(event, data, seq, time)
    if len(decision.actions) == 1:
        return effects
    stored = memories.fold_store(event, memories.remembered(data), decision.actions[1], state, seq, time)
    message_id = str(effects.messages[0].message_id)
    kept = [memories.drawn_from(memory, message_id) for memory in stored.memories]
    return Effects(
        outcome=effects.outcome | {name: stored.outcome[name] for name in ("memory_id", "root_id", "action")},
        messages=effects.messages,
        memories=kept,
        closed_memories=stored.closed_memories,
        extractions=effects.extractions,
        changes=effects.changes + stored.changes,
    )


def _apply_items(
    event: ResolverEvent,
    data: ProposeMemories | NoteExtractions | ApplyRetention | ApplySchema,
    state: UserState,
    seq: int,
    time: datetime,
    recorded: Decision | None,
) -> tuple[Decision, Effects]:
    """Items one after the other, each seeing what the ones before it changed."""
    if isinstance(data, ProposeMemories):
        return _apply_proposals(event, data, state, seq, time, recorded)
    if isinstance(data, NoteExtractions):
        decision = recorded or extractions.decide_noted(data, state)
        effects = extractions.fold_noted(data, decision)
        state.advance(effects, seq, time)
        return decision, effects
    if isinstance(data, ApplySchema):
        decision, parts = schema_change.apply_schema(event, data, state, seq, time, recorded)
        whole = joined(parts)
        whole.outcome = dict(schema_change.tally(decision.actions))
        state.advance(Effects(), seq, time)
        return decision, whole
    return _apply_retention(event, data, state, seq, time, recorded)


def _apply_proposals(
    event: ResolverEvent,
    data: ProposeMemories,
    state: UserState,
    seq: int,
    time: datetime,
    recorded: Decision | None,
) -> tuple[Decision, Effects]:
    refusal = extractions.refusal_of(data, state) if recorded is None else recorded
    if refusal is not None and refusal.refused is not None:
        effects = _refused(refusal.refused)
        state.advance(effects, seq, time)
        return refusal, effects
    source = proposals.source_of(data, state)
    actions: list[Action] = []
    parts: list[Effects] = []
    for index, proposal in enumerate(data.proposals):
        action = recorded.actions[index] if recorded else proposals.decide_proposal(proposal, source, state)
        part = proposals.fold_proposal(event, (index, proposal, action), source, state, seq, time)
        state.advance(part, seq, time)
        actions.append(action)
        parts.append(part)
    whole = joined(parts)
    whole.extractions.append(extractions.extraction_of(data))
    whole.outcome = proposals.summarised(actions, parts)
    state.advance(Effects(extractions=whole.extractions), seq, time)
    return recorded or proposals.described(data, actions), whole


def _apply_retention(
    event: ResolverEvent,
    data: ApplyRetention,
    state: UserState,
    seq: int,
    time: datetime,
    recorded: Decision | None,
) -> tuple[Decision, Effects]:
    """What has changed or gone since the command was made is left alone."""
    actions: list[Action] = []
    parts: list[Effects] = []
    planned = list(recorded.actions) if recorded else _plan_retention(data)
    for index, plan in enumerate(planned):
        action = plan if recorded else _still_due(plan, state, time)
        part = _fold_retention(event, index, action, data, state, seq, time)
        state.advance(part, seq, time)
        actions.append(action)
        parts.append(part)
    whole = joined(parts)
    done = [action for action in actions if action.action != "drop"]
    whole.outcome = {"status": 200, "applied": len(done), "dropped": len(actions) - len(done)}
    state.advance(Effects(), seq, time)
    return recorded or Decision(actions=actions), whole


def _plan_retention(data: ApplyRetention) -> list[Action]:
    return [
        *(Action(action="archive", basis="request", target=target) for target in data.archive_message_ids),
        *(Action(action="delete", basis="request", target=target) for target in data.delete_message_ids),
        *(Action(action="expire", basis="request", target=target) for target in data.expire_memory_ids),
        *(Action(action="decay", basis="request", target=target) for target in data.decay_memory_ids),
    ]


def _still_due(plan: Action, state: UserState, time: datetime) -> Action:
    message = state.messages.get(plan.target) if plan.target else None
    memory = state.memories.get(plan.target) if plan.target else None
    due = {
        "archive": message is not None and not message.archived,
        "delete": message is not None and message.archived,
        "expire": memory is not None
        and not memory.pinned
        and memory.expires_at is not None
        and memory.expires_at <= time,
        "decay": memory is not None and not memory.pinned,
    }
    return plan if due[plan.action] else plan.model_copy(update={"action": "drop", "rule": "changed_meanwhile"})


def _fold_retention(
    event: ResolverEvent,
    index: int,
    action: Action,
    data: ApplyRetention,
    state: UserState,
    seq: int,
    time: datetime,
) -> Effects:
    if action.target is None or action.action == "drop":
        return Effects()
    if action.action == "archive":
        return messages.fold_archive(action.target, state, seq, time)
    if action.action == "delete":
        return messages.fold_delete(action.target, state, seq)
    status = Status.ARCHIVED if action.action == "decay" else Status.EXPIRED
    return memories.fold_end(
        event, action.target, state, index=index, seq=seq, time=time, reason=data.reason, status=status
    )


def _refused(action: Action) -> Effects:
    outcome = {"status": action.status, "code": action.code, "detail": action.detail}
    return Effects(outcome=dict(outcome))
