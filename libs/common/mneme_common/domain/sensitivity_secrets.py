"""Detectors of secrets: what lets its holder in somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mneme_common.domain.sensitivity_detectors import Category, Detector, Span

# Prefixes that issuers have given their keys so that they can be found, with what follows them.
_ISSUED = (
    r"sk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{2,8}-|or-v1-)?[A-Za-z0-9_-]{20,}",
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}",
    r"whsec_[A-Za-z0-9+/=]{20,}",
    r"gh[pousr]_[A-Za-z0-9]{30,}",
    r"github_pat_[A-Za-z0-9_]{22,}",
    r"gl(?:pat|dt|rt|cbt)-[A-Za-z0-9_-]{20,}",
    r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"xapp-[0-9]-[A-Za-z0-9-]{10,}",
    r"AIza[0-9A-Za-z_-]{35}",
    r"ya29\.[A-Za-z0-9_-]{20,}",
    r"GOCSPX-[A-Za-z0-9_-]{20,}",
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"SK[0-9a-f]{32}",
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-[A-Za-z0-9_-]{20,}",
    r"hf_[A-Za-z0-9]{30,}",
    r"gsk_[A-Za-z0-9]{40,}",
    r"pplx-[A-Za-z0-9]{40,}",
    r"do[opr]_v1_[a-f0-9]{64}",
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"key-[0-9a-f]{32}",
    r"dapi[0-9a-f]{32}",
    r"hv[sb]\.[A-Za-z0-9_-]{24,}",
    r"ATATT3[A-Za-z0-9_=-]{40,}",
    r"lin_api_[A-Za-z0-9]{32,}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
    r"mm_[A-Za-z0-9]{24,}",
    r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
)
_ISSUED_HINTS = (
    "sk-", "sk_", "rk_", "whsec_", "gh", "gl", "xox", "xapp-", "aiza", "ya29.", "gocspx-", "sg.", "sk", "npm_",
    "pypi-", "hf_", "gsk_", "pplx-", "_v1_", "shp", "key-", "dapi", "hvs.", "hvb.", "atatt3", "lin_api_", "mm_", ":aa",
)  # fmt: skip
_WEBHOOK = (
    r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,}"
    r"|https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]{20,}"
)

_NAME = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret(?:[_-]?(?:access)?[_-]?key)?|api[_-]?key|access[_-]?key"
    r"|private[_-]?key|account[_-]?key|encryption[_-]?key|(?:auth|access|refresh|api|session|id)[_-]?token"
    r"|client[_-]?secret|credentials?)"
)
_VALUE = r"(?P<value><[^>\n]{1,80}>|\"[^\"\n]{1,4096}\"|'[^'\n]{1,4096}'|[^\s\"',;]\S*)"
_ASSIGNED = re.compile(rf"{_NAME}[\"']?\s{{0,8}}(?::=|=>|[:=])\s{{0,8}}{_VALUE}", re.IGNORECASE)
_TOLD = re.compile(
    r"\b(?:pass(?:word|wd|phrase|code)|pin(?: code)?)\s{1,8}(?:is|was)(?: now)?\s{0,8}:?\s{0,8}"
    r"(?P<value>\"[^\"\n]{1,200}\"|[^\s\"]\S*)",
    re.IGNORECASE,
)
SECRET_NAME = re.compile(rf"(?:^|[^a-z]){_NAME}$|^(?:token|pin)$", re.IGNORECASE)
"""A name under which a secret is kept: the last word of ``db_password``, ``api-key``, ``client_secret``."""

_NO_VALUE = re.compile(
    r"(?:\[[a-z_ ]*\]|<[^>]*>|\$\{[^}]*\}|\$\([^)]*\)|\$[A-Z_]+|\{\{[^}]*\}\}|[*x.\u2022_-]{3,}|\.\.\."
    r"|(?:none|null|nil|true|false|required|optional|string|str|undefined|empty|redacted|hidden|unknown|forgotten))[\"'.,;!?)]*",
    re.IGNORECASE,
)
_PROSE = re.compile(r"[a-z]+\b(?=\s+[a-z])")
_TELLING = re.compile(r"[^\s\"]*(?:\d|[@#$%^&*!_+=-][A-Za-z0-9])")


def _value_of(match: re.Match[str]) -> Iterator[Span]:
    """The value alone, unless it is a placeholder, or prose after the word secret."""
    value = match["value"]
    if _NO_VALUE.fullmatch(value):
        return
    word = match.group().lower()
    if word.startswith(("secret", "credential")) and ":" in word and _PROSE.match(match.string, match.start("value")):
        return
    yield match.span("value")


def _told_value(match: re.Match[str]) -> Iterator[Span]:
    """A value that looks like one: with a digit or a sign inside; ``my password is weak`` tells nothing."""
    value = match["value"]
    if not _NO_VALUE.fullmatch(value) and (value.startswith('"') or _TELLING.match(value)):
        yield match.span("value")


def _bearer(match: re.Match[str]) -> Iterator[Span]:
    """A token, not the bearer of responsibilities: something in it is no small letter, or it is very long."""
    token = match["token"]
    if len(token) >= 24 or not token.rstrip(".").isalpha() or not token.islower():
        yield match.span("token")


def _token(match: re.Match[str]) -> Iterator[Span]:
    yield match.span("token")


DETECTORS = (
    Detector(
        Category.PRIVATE_KEY,
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[^-]*+-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]*+)"
        ),
        hints=("private key",),
    ),
    Detector(Category.AWS_ACCESS_KEY, re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b"), long_word=True),
    Detector(
        Category.JWT,
        re.compile(r"\beyJ[A-Za-z0-9_-]{8,}+\.eyJ[A-Za-z0-9_-]{4,}+\.[A-Za-z0-9_-]*+"),
        hints=("eyj",),
        long_word=True,
    ),
    Detector(
        Category.BEARER_TOKEN,
        re.compile(
            r"\b(?:[Bb]earer|BEARER)\s{1,8}(?P<token>[A-Za-z0-9._~+/=-]{16,})"
        ),
        hints=("bearer",),
        long_word=True,
        check=_bearer,
    ),
    Detector(
        Category.BEARER_TOKEN,
        re.compile(r"\bauthorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
            r"(?:(?:bearer|basic|token|digest)\s{1,8}+)?+(?P<token>[A-Za-z0-9._~+/=-]{6,})", re.IGNORECASE),
        hints=("authorization",),
        check=_token,
    ),
    Detector(
        Category.API_KEY,
        re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_ISSUED)})(?![A-Za-z0-9])"),
        hints=_ISSUED_HINTS,
        long_word=True,
    ),
    Detector(Category.API_KEY, re.compile(_WEBHOOK), hints=("hooks.slack.com", "/api/webhooks/"), long_word=True),
    Detector(
        Category.CONNECTION_STRING,
        re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/:@]{0,256}:[^\s/@]{1,256}@[^\s]{1,512}"),
        hints=("://",),
    ),
    Detector(
        Category.PASSWORD,
        _ASSIGNED,
        hints=("pass", "pwd", "secret", "key", "token", "credential"),
        check=_value_of,
    ),
    Detector(Category.PASSWORD, _TOLD, hints=("passw", "passp", "passc", "pin "), check=_told_value),
)  # fmt: skip
