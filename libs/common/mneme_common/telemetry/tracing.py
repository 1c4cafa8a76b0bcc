"""One trace from the HTTP request through every stage: the W3C ``traceparent`` travels in the headers of each event.

Spans are exported only when an OTLP endpoint is configured; the context travels regardless.
"""

from __future__ import annotations

import re
import secrets

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def continue_trace(traceparent: str | None) -> str:
    """The context of a new span in the given trace, or of a new trace when there is none or it is malformed."""
    if traceparent is not None and _TRACEPARENT.fullmatch(traceparent):
        version, trace, _, flags = traceparent.split("-")
        return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def trace_id(traceparent: str | None) -> str | None:
    """The trace's id, for logs."""
    return traceparent.split("-")[1] if traceparent and _TRACEPARENT.fullmatch(traceparent) else None
