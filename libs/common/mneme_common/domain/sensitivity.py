"""Secrets and personal data in text (S4-54): secrets block a write, personal data is replaced."""

from __future__ import annotations

import re

_SECRETS = (
    ("an AWS access key id", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a bearer token", re.compile(r"\bBearer\s+[A-Za-z0-9._~+/=-]{16,}")),
    ("a password", re.compile(r"\b(?:password|passwd|secret)\s*[:=]\s*\S+", re.IGNORECASE)),
)
_EMAIL = re.compile(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b")
_SSN = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
_PHONE = re.compile(r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)|\d{2,4})[ .-]\d{3,4}[ .-]\d{3,4}(?!\w)")


def find_secret(text: str) -> str | None:
    """What kind of secret the text holds, or None."""
    return next((label for label, pattern in _SECRETS if pattern.search(text)), None)


def scrub(text: str) -> str:
    """The text with e-mail addresses, SSNs, card numbers (13 to 19 digits) and phone numbers replaced."""
    text = _EMAIL.sub("[email]", text)
    text = _SSN.sub("[ssn]", text)
    text = _CARD.sub("[card]", text)
    return _PHONE.sub("[phone]", text)
