"""Detectors of personal data: what names or reaches a person."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from mneme_common.domain.sensitivity_detectors import Category, Detector, Span

_EMAIL = re.compile(
    r"(?<![\w.%+-])[\w.%+-]++@(?P<domain>[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*\.[^\W\d_][^\W_]+)(?![\w@])"
)
_SPELLED_EMAIL = re.compile(
    r"(?<![\w.%+-])[\w.%+-]++\s{0,3}[(\[{]\s?at\s?[)\]}]\s{0,3}[\w-]+(?:\s{0,3}(?:\.|[(\[{]\s?dot\s?[)\]}])\s{0,3}[\w-]+){1,4}",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"\d+(?:\.\d+)?x\.[a-z]+")

_CARD = re.compile(r"(?<![\w+])[0-9](?:[ \t./-]{0,2}+[0-9]){12,}(?!\w)")
_GROUP = re.compile("[0-9]+")

_IBAN = re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}")
# Length of an account number by country (the registry of ISO 13616).
_IBAN_LENGTH = {
    code: int(length)
    for length, codes in (
        ("15", "NO"), ("16", "BE"), ("18", "DK FI FK FO GL NL SD"), ("19", "MK SI"), ("20", "AT BA EE KZ LT LU XK"),
        ("21", "CH CR HR LI LV"), ("22", "BG BH DE GB GE IE ME RS VA"), ("23", "AE GI IL IQ OM SO TL"),
        ("24", "AD CZ ES MD PK RO SA SE SK TN VG"), ("25", "LY PT ST"), ("26", "IS TR"),
        ("27", "BI DJ FR GR IT MC MR SM"), ("28", "AL AZ BY CY DO GT HU LB NI PL SV"),
        ("29", "BR EG PS QA UA"), ("30", "JO KW MU YE"), ("31", "MT SC"), ("32", "LC"), ("33", "RU"),
    )
    for code in codes.split()
}  # fmt: skip

_SSN = re.compile(
    r"(?<![\w-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![\w-])"
    r"|(?<![\w.-])(?!000|666|9)[0-9]{3} (?!00)[0-9]{2} (?!0000)[0-9]{4}(?![\w-]| [0-9])"
)
_NAMED_SSN = re.compile(
    r"\b(?:ssn|social security(?: number| no\.?)?)\W{0,4}(?:(?:is|was)\W{1,3})?"
    r"(?P<value>[0-9]{9}|[0-9]{3}[ .-][0-9]{2}[ .-][0-9]{4})(?!\w)",
    re.IGNORECASE,
)

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![\w.-])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w-]|\.\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_NOT_AN_ADDRESS = re.compile(
    r"(?:\b(?:v|ver|version|release|build|section|sec|chapter|clause|paragraph|article|rule|step)|\u00a7)[.:]?\s{0,2}$",
    re.IGNORECASE,
)

_SEPARATED = r"[ .()/-]{0,2}+"
_INTERNATIONAL = re.compile(
    rf"(?<![\w+])(?:\+ ?|00 ?(?=[1-9][0-9]{{0,2}}[ ()-]))[1-9](?:{_SEPARATED}[0-9]){{7,14}}(?!\w)"
)
_NORTH_AMERICAN = re.compile(
    r"(?<![\w.+/-])(?:1[ .-])?(?:\([0-9]{3}\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}(?![\w-]|[.,][0-9])"
)
_NATIONAL = re.compile(
    r"(?<![\w.,:+/-])(?:\(0[0-9]{1,5}\)[ -]?|0[0-9]{1,5}[ /-])[0-9]{3,8}(?:[ -][0-9]{2,5}){0,3}(?![\w/-]|[.,:][0-9])"
    r"|(?<![\w.,:+/-])0[1-9](?:[ .-][0-9]{2}){4}(?![\w-]|[.,:][0-9])"
)
_NAMED_PHONE = re.compile(
    r"\b(?:phone|tel|telephone|mobile|cell|fax|whatsapp|signal|sms|dial"
    r"|(?:call|text|ring|reach|phone)(?: (?:me|him|her|them|us))?(?: (?:at|on|under))?)"
    r"\b[\s.:#]{0,3}+(?:(?:number|no\.?|nr\.?)[\s.:#]{1,3}+)?(?:is[\s:]{1,2}+)?"
    rf"(?P<value>\+?\(?[0-9](?:{_SEPARATED}[0-9]){{6,14}})(?!\w)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}[./-][0-9]{1,2}[./-][0-9]{1,2}|[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}")


def _email(match: re.Match[str]) -> Iterator[Span]:
    """An address of a person: not the clone address of a repository, not an image for dense screens."""
    text, end = match.string, match.end()
    is_clone = match.group().lower().startswith("git@") and text[end : end + 1] == ":"
    if not is_clone and not _IMAGE.fullmatch(match["domain"]):
        yield match.span()


def luhn(digits: str) -> bool:
    """The check of card numbers (ISO/IEC 7812-1, annex B)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _cards(match: re.Match[str]) -> Iterator[Span]:
    """Runs of whole groups with 13 to 19 digits that pass the check and begin as a payment card does (2 to 6)."""
    groups = list(_GROUP.finditer(match.string, match.start(), match.end()))
    first = 0
    while first < len(groups):
        found = _card_from(groups, first)
        if found is None:
            first += 1
            continue
        yield groups[first].start(), groups[found].end()
        first = found + 1


def _card_from(groups: list[re.Match[str]], first: int) -> int | None:
    digits, best = "", None
    for last in range(first, len(groups)):
        digits += groups[last].group()
        if len(digits) > 19:
            break
        if len(digits) >= 13 and digits[0] in "23456" and len(set(digits)) > 1 and luhn(digits):
            best = last
    return best


def _iban(match: re.Match[str]) -> Iterator[Span]:
    """As long as its country has it, with the right check digits (ISO 13616, modulo 97)."""
    text, start = match.string, match.start()
    length = _IBAN_LENGTH.get(match.group()[:2].upper())
    if length is None:
        return
    compact, end = "", start
    while end < match.end() and len(compact) < length:
        if text[end] not in " -":
            compact += text[end]
        end += 1
    ends_there = end == len(text) or not text[end].isalnum()
    moved = (compact[4:] + compact[:4]).upper()
    if len(compact) == length and ends_there and int("".join(str(int(char, 36)) for char in moved)) % 97 == 1:
        yield start, end


def _ip(match: re.Match[str]) -> Iterator[Span]:
    """An address of some machine: not this one, not a version or a section number."""
    try:
        address = ipaddress.ip_address(match.group())
    except ValueError:
        return
    if address.is_loopback or address.is_unspecified:
        return
    before = match.string[max(0, match.start() - 16) : match.start()]
    if not _NOT_AN_ADDRESS.search(before):
        yield match.span()


def _value(match: re.Match[str]) -> Iterator[Span]:
    yield match.span("value")


def _phone(match: re.Match[str]) -> Iterator[Span]:
    """8 to 15 digits (ITU-T E.164)."""
    if 8 <= sum(map(str.isdigit, match.group())) <= 15 and not _DATE.search(match.group()):
        yield match.span()


def _named_phone(match: re.Match[str]) -> Iterator[Span]:
    """7 to 15 digits after a word that says so; no date."""
    value = match["value"]
    if 7 <= sum(map(str.isdigit, value)) <= 15 and not _DATE.match(value):
        yield match.span("value")


_CALLING = (
    "phone",
    "tel",
    "mobile",
    "cell",
    "fax",
    "whatsapp",
    "signal",
    "sms",
    "dial",
    "call",
    "text",
    "ring",
    "reach",
)

DETECTORS = (
    Detector(Category.EMAIL, _EMAIL, hints=("@",), check=_email),
    Detector(Category.EMAIL, _SPELLED_EMAIL, hints=("(at", "[at", "{at", "( at", "[ at")),
    Detector(Category.IBAN, _IBAN, number=True, check=_iban),
    Detector(Category.CARD, _CARD, number=True, check=_cards),
    Detector(Category.SSN, _SSN, number=True),
    Detector(Category.SSN, _NAMED_SSN, hints=("ssn", "social"), number=True, check=_value),
    Detector(Category.IP, _IPV4, hints=(".",), digits=True, check=_ip),
    Detector(Category.IP, _IPV6, hints=(":",), digits=True, check=_ip),
    Detector(Category.PHONE, _INTERNATIONAL, number=True, check=_phone),
    Detector(Category.PHONE, _NORTH_AMERICAN, number=True),
    Detector(Category.PHONE, _NATIONAL, number=True, check=_phone),
    Detector(Category.PHONE, _NAMED_PHONE, hints=_CALLING, number=True, check=_named_phone),
)
