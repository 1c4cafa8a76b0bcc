"""What a detector is: a pattern, what a text must have for it to be worth trying, and a check of what it matched.

Every pattern is linear in the length of the text: whoever sends a hundred thousand characters must not be able to
stop the process with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

Span = tuple[int, int]
Check = Callable[[re.Match[str]], "Iterator[Span]"]


class Category(StrEnum):
    """Kinds of sensitive text (S4-54); what is replaced becomes the name in brackets."""

    AWS_ACCESS_KEY = "aws_access_key"
    PRIVATE_KEY = "private_key"
    BEARER_TOKEN = "bearer_token"  # noqa: S105  (a name)
    JWT = "jwt"
    API_KEY = "api_key"
    CONNECTION_STRING = "connection_string"
    PASSWORD = "password"  # noqa: S105  (a name)
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    SSN = "ssn"
    IP = "ip"
    PHONE = "phone"


SECRETS = frozenset(
    {
        Category.AWS_ACCESS_KEY,
        Category.PRIVATE_KEY,
        Category.BEARER_TOKEN,
        Category.JWT,
        Category.API_KEY,
        Category.CONNECTION_STRING,
        Category.PASSWORD,
    }
)
"""The high class of S4-54; the other categories are the medium class."""

LABELS: dict[Category, str] = {
    Category.AWS_ACCESS_KEY: "an AWS access key id",
    Category.PRIVATE_KEY: "a private key",
    Category.BEARER_TOKEN: "a bearer token",
    Category.JWT: "a JSON web token",
    Category.API_KEY: "an API key",
    Category.CONNECTION_STRING: "an address with a password in it",
    Category.PASSWORD: "a password",
    Category.EMAIL: "an e-mail address",
    Category.IBAN: "a bank account number",
    Category.CARD: "a card number",
    Category.SSN: "a social security number",
    Category.IP: "an IP address",
    Category.PHONE: "a phone number",
}


@dataclass(frozen=True, slots=True)
class Signals:
    """What a text has at all; one pass, so that an ordinary message meets no pattern."""

    lowered: str
    digits: bool
    number: bool
    long_word: bool


_DIGIT = re.compile("[0-9]")
_NUMBER = re.compile(r"[0-9](?:[\s().+/:-]{0,3}+[0-9]){6,}+")
# A date, with or without the time: the commonest number that is nobody's.
_DATE = re.compile(
    r"(?:[0-9]{4}([./-])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([./-])[0-9]{1,2}\2[0-9]{4})"
    r"(?:\s{1,2}[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?"
)
LONG_WORD = 16


def signals_of(text: str) -> Signals:
    """``number``: seven digits with little between them, no date. ``long_word``: sixteen characters without a space."""
    digits = _DIGIT.search(text) is not None
    return Signals(
        lowered=text.lower(),
        digits=digits,
        number=digits and any(not _DATE.fullmatch(run.group()) for run in _NUMBER.finditer(text)),
        long_word=max(map(len, text.split()), default=0) >= LONG_WORD,
    )


@dataclass(frozen=True, slots=True)
class Detector:
    """``hints``: one of them is in the lower-case text, or the pattern cannot match; () asks nothing of it."""

    category: Category
    pattern: re.Pattern[str]
    hints: tuple[str, ...] = ()
    number: bool = False
    digits: bool = False
    long_word: bool = False
    check: Check | None = None

    def worth_trying(self, signals: Signals) -> bool:
        """Whether the text has what the pattern needs."""
        if (self.number and not signals.number) or (self.digits and not signals.digits):
            return False
        if self.long_word and not signals.long_word:
            return False
        return not self.hints or any(hint in signals.lowered for hint in self.hints)

    def spans(self, text: str) -> Iterator[Span]:
        """Where it is found."""
        for match in self.pattern.finditer(text):
            if self.check is not None:
                yield from self.check(match)
            else:
                yield match.span()
