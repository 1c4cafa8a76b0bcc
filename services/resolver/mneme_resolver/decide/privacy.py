"""Scrubbing what did not come through the gateway: turns of direct producers, and what extractors made of messages.

The result is what the ledger keeps, with the policy in force beside it, so that a replay needs neither the policy nor
the detectors.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from mneme_common.contracts.commands import EventData, Proposal, ProposeMemories, RecordMessage
from mneme_common.domain.privacy_policy import PrivacyPolicy
from mneme_common.domain.scrubbing import Scrubber, SensitiveTextError
from mneme_resolver.decide.decision import Privacy
from mneme_resolver.decide.event import Refusal, ResolverEvent

WITHHELD = "[withheld]"
TURN = "turn"


def needs_scrubbing(event: ResolverEvent) -> bool:
    """Whether nobody has scrubbed the event yet; the gateway scrubs what it sends."""
    if event.refusal is not None:
        return False
    return event.type == TURN or isinstance(event.data, ProposeMemories)


def scrubbed(event: ResolverEvent, policy: PrivacyPolicy, pseudonym_key: bytes) -> ResolverEvent:
    """The event as the policy lets it be kept; refused with its text withheld when it may not be kept at all."""
    if isinstance(event.data, ProposeMemories):
        scrubber = Scrubber(policy.redacting(), pseudonym_key)
        data: EventData = _proposals(event.data, scrubber)
        return replace(event, data=data, privacy=_noted(scrubber))
    scrubber = Scrubber(policy, pseudonym_key)
    try:
        source = scrubber.text(event.source, "source")
        return replace(event, source=source, data=scrubber.model(event.data), privacy=_noted(scrubber))
    except SensitiveTextError as error:
        refusal = Refusal(403, "SENSITIVE_CONTENT", str(error))
    except ValidationError:
        refusal = Refusal(422, "VALIDATION_ERROR", "A field is too long once its personal data is replaced.")
    return replace(event, source=WITHHELD, data=_withheld(event.data), refusal=refusal, privacy=_noted(scrubber))


def _proposals(data: ProposeMemories, scrubber: Scrubber) -> ProposeMemories:
    kept: list[Proposal] = []
    for proposal in data.proposals:
        try:
            kept.append(scrubber.model(proposal))
        except ValidationError:
            scrubber.found["dropped"] += 1
    same = len(kept) == len(data.proposals) and all(new is old for new, old in zip(kept, data.proposals, strict=True))
    return data if same else data.model_copy(update={"proposals": kept})


def _withheld(data: EventData) -> EventData:
    """The message without anything that was said in it."""
    if not isinstance(data, RecordMessage):
        raise TypeError("only messages are refused for what they hold")
    return data.model_copy(update={"content": WITHHELD, "name": None, "metadata": {}, "namespace": None})


def _noted(scrubber: Scrubber) -> Privacy:
    return Privacy(policy=scrubber.policy.version, found=dict(sorted(scrubber.found.items())))
