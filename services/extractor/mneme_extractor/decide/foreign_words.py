"""Parts of a message that are not the speaker's own words: quotations, code, quoted lines, material to work on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

_MARK = re.compile(r"[`>\"“«„]")
_FOREIGN = re.compile(
    r"```.*?(?:```|\Z)"  # fenced code, also when the fence is never closed
    r"|`[^`\n]+`"
    r"|^[ \t]*>[^\n]*"  # a quoted line
    r'|"[^"\n]{1,500}"|“[^”\n]{1,500}”|«[^»\n]{1,500}»|„[^“”\n]{1,500}[“”]',
    re.DOTALL | re.MULTILINE,
)
_TASK = re.compile(
    r"\b(?:translat\w++|proofread|rewrite|re-write|rephrase|paraphrase|summari[sz]e|correct|fix|edit|improve|grade"
    r"|analy[sz]e|classify|write|draft|compose|story|poem|essay|lyrics|dialogue|script|role-?play\w*|pretend"
    r"|example|following|this (?:text|sentence|paragraph|email|letter|message))\b[^.!?\n]{0,120}(?::|\n[ \t]*\n)",
    re.IGNORECASE,
)

Ranges = Sequence[tuple[int, int]]


def foreign_ranges(text: str) -> Ranges:
    """Where the speaker quotes, as sorted offsets; after a task such as "Translate this:" all the rest is material."""
    task = _TASK.search(text) if ":" in text or "\n" in text else None
    own_end = task.end() if task else len(text)
    ranges = []
    if _MARK.search(text):
        ranges = [match.span() for match in _FOREIGN.finditer(text) if match.start() < own_end]
    return [*ranges, (own_end, len(text))] if task else ranges


def inside(ranges: Ranges, offset: int) -> bool:
    """Whether the character at this offset is the speaker's only by quotation."""
    if not ranges:
        return False
    index = bisect_right(ranges, offset, key=lambda bounds: bounds[0]) - 1
    return index >= 0 and offset < ranges[index][1]
