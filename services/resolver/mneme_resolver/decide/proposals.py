"""What an extractor proposes from one message: matched, merged, and its extraction noted even when it found nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mneme_common.contracts.commands import Proposal, ProposeMemories
from mneme_common.domain.column_values import fitted
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory, Message
from mneme_common.domain.vocabulary import INITIAL_CONFIDENCE, MEMORY_TYPE_OF_KIND, TrustTier
from mneme_resolver.decide.classes import MemoryClass
from mneme_resolver.decide.decision import Action, Decision
from mneme_resolver.decide.effects import Effects
from mneme_resolver.decide.ending import ends_another
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.identity import content_hash, identity_of, object_key
from mneme_resolver.decide.importance import importance
from mneme_resolver.decide.memories import fold_end, new_version, version_effects
from mneme_resolver.decide.messages import aware
from mneme_resolver.decide.similarity import THRESHOLDS, match_deletion, match_proposal
from mneme_resolver.decide.state import APART, UserState

_TALLY = {"create": "created", "update": "updated", "delete": "deleted", "unchanged": "unchanged", "drop": "dropped"}


def decide_proposal(proposal: Proposal, source: Message | None, state: UserState) -> Action:
    """One proposal against the state as the proposals before it left it."""
    memory_class = state.class_of(proposal.memory_class)
    if source is None:
        return Action(action="drop", basis="source", rule="source_gone")
    if memory_class is None:
        return Action(action="drop", basis="none", rule="unknown_class")
    proposal = fit(proposal, memory_class)
    if not identity_of(memory_class, proposal.values):
        return Action(action="drop", basis="none", rule="no_identity")
    if proposal.action == "delete":
        return match_deletion(memory_class, proposal.values, source.namespace, state)
    action = match_proposal(
        memory_class, proposal.values, source.namespace, state, corrects="correction" in proposal.tags
    )
    known = state.memories.get(action.target) if action.target else None
    return action if known is None else _against(known, memory_class, proposal, action)


def fit(proposal: Proposal, memory_class: MemoryClass) -> Proposal:
    """The proposal with the values of a tenant's own class as its columns want them; the rest is dropped (S1-43)."""
    if memory_class.definition is None:
        return proposal
    values, _ = fitted(memory_class.definition, proposal.values)
    return proposal.model_copy(update={"values": values})


def _against(known: Memory, memory_class: MemoryClass, proposal: Proposal, action: Action) -> Action:
    """The update of what is known, unless it adds nothing or speaks of a value that was replaced since."""
    if ends_another(memory_class, known.values, proposal.values):
        return action.model_copy(update={"action": "drop", "rule": "ends_another_value"})
    if merged(memory_class, known.values, proposal.values) == known.values:
        return action.model_copy(update={"action": "unchanged"})
    return action


def source_of(data: ProposeMemories, state: UserState) -> Message | None:
    """The revision that was read, if it is still what the message says."""
    message = state.messages.get(data.message_id)
    return message if message is not None and message.event_id == data.source_event_id else None


def described(data: ProposeMemories, actions: list[Action]) -> Decision:
    """The decision for a whole extraction, with what made the proposals."""
    return Decision(
        actions=actions,
        thresholds=dict(THRESHOLDS),
        extractor=data.extractor,
        model=data.model,
        prompt_hash=data.prompt_hash,
        schema_version=data.schema_version,
    )


def fold_proposal(
    event: ResolverEvent,
    item: tuple[int, Proposal, Action],
    source: Message | None,
    state: UserState,
    seq: int,
    time: datetime,
) -> Effects:
    """What one proposal changes."""
    index, proposal, action = item
    if action.action == "delete" and action.target is not None:
        reason = f"asked in message {source.message_id}" if source else None
        return fold_end(event, action.target, state, index=index, seq=seq, time=time, reason=reason)
    if action.action not in ("create", "update") or source is None:
        return Effects()
    known = state.memories.get(action.target) if action.target else None
    memory_class = state.class_of(proposal.memory_class)
    if memory_class is None:
        raise LookupError("a proposal that is taken is of a class that is known")
    proposal = fit(proposal, memory_class)
    fields = _fields(event, memory_class, proposal, source, known, time)
    if action.basis == "create_only":
        fields["object_key"] = f"{fields['object_key']}{APART}{event.event_id.hex}{index}"
    memory = new_version(event=event, known=known, index=index, seq=seq, time=time, fields=fields)
    return version_effects(memory, known, seq)


def summarised(actions: list[Action], parts: list[Effects]) -> dict[str, JsonValue]:
    """The outcome of an extraction: how many of each, and the versions written."""
    names = [_TALLY[action.action] for action in actions if action.action in _TALLY]
    tally: dict[str, JsonValue] = {name: names.count(name) for name in _TALLY.values()}
    ids: list[JsonValue] = [str(memory.memory_id) for part in parts for memory in part.memories]
    return {"status": 200, **tally, "memory_ids": ids}


def _fields(
    event: ResolverEvent,
    memory_class: MemoryClass,
    proposal: Proposal,
    source: Message,
    known: Memory | None,
    time: datetime,
) -> dict[str, object]:
    values = merged(memory_class, known.values if known else {}, proposal.values)
    observed_at = aware(proposal.observed_at) or source.occurred_at
    sources = [*(known.source_message_ids if known else []), str(source.message_id)]
    kind = memory_class.kind_of(values)
    extractor = event.data.extractor if isinstance(event.data, ProposeMemories) else event.source
    return {
        "kind": kind.value,
        "memory_type": MEMORY_TYPE_OF_KIND[kind].value,
        "memory_class": memory_class.name,
        "schema_version": _schema_version(event, memory_class),
        "object_key": object_key(memory_class, values, source.namespace),
        "key": None,
        "content": proposal.content,
        "values": values,
        "content_hash": content_hash(proposal.content),
        "tags": sorted(set(proposal.tags)),
        "namespace": source.namespace,
        "session_id": source.conversation_id,
        "author_id": None,
        "subject_id": None,
        "trust_tier": TrustTier.T3.value,
        "initial_confidence": min(proposal.confidence, INITIAL_CONFIDENCE[TrustTier.T2]),
        "importance": importance(source.role, source.occurred_at, time, None),
        "pinned": known.pinned if known else False,
        "expires_at": known.expires_at if known else None,
        "source": f"extractor/{extractor}",
        "source_message_ids": sources[-20:],
        "spans": [span.model_dump() for span in proposal.spans],
        "observed_at": observed_at,
        "valid_from": aware(proposal.valid_from),
        "valid_to": aware(proposal.valid_to),
    }


def _schema_version(event: ResolverEvent, memory_class: MemoryClass) -> str:
    """The extractor says which default classes it knew; the tenant's own are as they are here."""
    if memory_class.definition is None and isinstance(event.data, ProposeMemories):
        return event.data.schema_version
    return memory_class.schema_version


def merged(
    memory_class: MemoryClass, known: Mapping[str, JsonValue], proposed: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """The fields that have a value replace what was known; the rest stays (Part 4 item 7).

    What is said otherwise than before takes with it what was said of it: a reason for liking is none for disliking.
    """
    given = {name: value for name, value in proposed.items() if value not in (None, "")}
    told_otherwise = any(
        name in known and known[name] != value for name, value in given.items() if name not in memory_class.identity
    )
    kept = {name: value for name, value in known.items() if not told_otherwise or name in memory_class.identity}
    return kept | given
