"""What an OpenAI-compatible endpoint understands, learnt from its refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_RESPONSE_FORMAT = re.compile(r"response_format|json_schema|json_object|structured output|guided", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be sent. At first everything is assumed."""

    json_schema: bool = True
    json_object: bool = True
    temperature: bool = True
    seed: bool = True

    @property
    def response_format(self) -> str:
        """The strictest form of an answer that may be asked for."""
        if self.json_schema:
            return "json_schema"
        return "json_object" if self.json_object else "text"


def without_refused(capabilities: Capabilities, refusal: str) -> Capabilities | None:
    """What remains when a request was refused with this text; None when it names nothing that was sent."""
    if _RESPONSE_FORMAT.search(refusal):
        if capabilities.json_schema:
            return replace(capabilities, json_schema=False)
        return replace(capabilities, json_object=False) if capabilities.json_object else None
    lowered = refusal.lower()
    if capabilities.temperature and "temperature" in lowered:
        return replace(capabilities, temperature=False)
    if capabilities.seed and re.search(r"\bseed\b", lowered):
        return replace(capabilities, seed=False)
    return None
