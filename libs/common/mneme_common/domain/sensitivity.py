"""Secrets and personal data in text (S4-54): where they are, and the text without them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mneme_common.domain import sensitivity_personal, sensitivity_secrets
from mneme_common.domain.sensitivity_detectors import LABELS, LONG_WORD, SECRETS, Category, Span, signals_of
from mneme_common.domain.sensitivity_folding import fold

_DETECTORS = sensitivity_secrets.DETECTORS + sensitivity_personal.DETECTORS
_SHORTEST = 6
# What a text without a digit and without a long word must have to hold anything.
_WORDS = tuple(
    {hint for detector in _DETECTORS if not (detector.number or detector.digits or detector.long_word)
     for hint in detector.hints}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret or one piece of personal data: characters ``start`` to ``end`` of the text."""

    category: Category
    start: int
    end: int


def find(text: str) -> list[Finding]:
    """Everything that is found, in the order of the text; where findings would overlap, the graver one stands."""
    if len(text) < _SHORTEST or (text.isalpha() and text.isascii() and len(text) < LONG_WORD):
        return []
    folded = fold(text)
    signals = signals_of(folded.text)
    if not (signals.digits or signals.long_word):
        lowered = signals.lowered
        if not any([word in lowered for word in _WORDS]):  # noqa: C419  (a list is twice as fast here)
            return []
    found: list[Finding] = []
    for detector in _DETECTORS:
        if detector.worth_trying(signals):
            for span in detector.spans(folded.text):
                _claim(found, detector.category, folded.original(*span))
    return found


def find_secret(text: str) -> str | None:
    """What kind of secret the text holds, in words, or None."""
    return next((LABELS[finding.category] for finding in find(text) if finding.category in SECRETS), None)


def scrub(text: str) -> str:
    """The text with personal data replaced by its kind in brackets; secrets stay."""
    return replaced(text, (finding for finding in find(text) if finding.category not in SECRETS))


def redacted(text: str) -> str:
    """The text with secrets and personal data replaced: for logs and error messages."""
    return replaced(text, find(text))


def placeholder(finding: Finding, _text: str) -> str:
    """What stands in the place of something that was found."""
    return f"[{finding.category.value}]"


def replaced(text: str, findings: Iterable[Finding], by: Callable[[Finding, str], str] = placeholder) -> str:
    """The text with each finding (in order) replaced; ``by`` is told the finding and the words."""
    parts: list[str] = []
    done = 0
    for finding in findings:
        parts += (text[done : finding.start], by(finding, text[finding.start : finding.end]))
        done = finding.end
    return text if not parts else "".join([*parts, text[done:]])


def _claim(found: list[Finding], category: Category, span: Span) -> None:
    """Adds a finding in its place, unless a graver one has some of its characters."""
    start, end = span
    place = bisect_left(found, start, key=_start)
    before = place > 0 and found[place - 1].end > start
    after = place < len(found) and found[place].start < end
    if not before and not after:
        found.insert(place, Finding(category, start, end))


def _start(finding: Finding) -> int:
    return finding.start
