""" "My … is …" for the things about a person that such a sentence states; and favourites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.phrases import listed, stands_alone, tidy, words
from mneme_extractor.decide.rule import Found, Rule, pattern
from mneme_extractor.decide.third_person import retold
from mneme_extractor.decide.vocabulary import alternatives, by_synonym

_ATTRIBUTES = by_synonym(
    {
        "time zone": "time zone|timezone",
        "hometown": "hometown|home town",
        "nickname": "nickname",
        "pronouns": "pronouns",
        "height": "height",
        "weight": "weight",
        "shoe size": "shoe size",
        "shirt size": "shirt size",
        "dress size": "dress size",
        "ring size": "ring size",
        "blood type": "blood type",
        "star sign": "star sign|zodiac sign",
        "religion": "religion",
        "hobbies": "hobbies|hobby",
        "nationality": "nationality",
        "car": "car",
        "phone": "phone",
        "laptop": "laptop",
        "operating system": "operating system",
        "anniversary": "anniversary|wedding anniversary",
        "birth year": "birth year",
        "birthday": "birth date|date of birth|birthdate|dob",
        "home airport": "home airport",
        "seat preference": "seat preference",
        "username": "username|handle|github",
        "employer": "employer|company",
        "school": "school|university",
    }
)
_NO_VALUE = re.compile(
    r"(?:to|not|been|got|died|broke|had|has|gone|did|so|very|really|too|getting|being|going|still|in|on|at|with"
    r"|for|about|broken|old|new|great|good|bad|awesome|amazing|nice|slow|fast|dead|almost|definitely|probably|when"
    r"|how|what|also|like|just|more|my|your|coming|all|always|now|finally|the best|the worst|pretty|quite|super"
    r"|where|back|up|ready|fine|ok|okay|important|everything)\b",
    re.IGNORECASE,
)
_NAMED = alternatives(_ATTRIBUTES)
_SPELLING = re.compile(r"\bfavorite\b", re.IGNORECASE)


def _attribute(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    value = _joined(match["value"])
    attribute = _ATTRIBUTES[match["attribute"].lower()]
    if value and not _NO_VALUE.match(value) and stands_alone(value, most=8):
        verb = "are" if match["verb"].lower().strip() in ("are", "include") else "is"
        yield Found(
            "profile_fact", {"attribute": attribute, "value": retold(value)}, f"'s {attribute} {verb} {retold(value)}"
        )


def _joined(raw: str) -> str:
    """A list stays one value: a person has several hobbies."""
    items = [item for item in listed(raw) if item]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


_OF_SOMETHING = re.compile(r"(?:part|one|ones|thing|bit|moment|scene|piece|photo|shot|pic|picture|memory)s?")


def _favourite(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    thing, value = tidy(match["thing"]).lower(), tidy(match["value"])
    if not value or _NO_VALUE.match(value) or not stands_alone(value, most=10):
        return
    if 0 < len(words(thing)) <= 4 and stands_alone(thing, most=4) and not _OF_SOMETHING.fullmatch(thing):
        kept = {"attribute": f"favourite {_SPELLING.sub('favourite', thing)}", "value": retold(value)}
        yield Found("profile_fact", kept, f"'s favourite {thing} is {retold(value)}")


RULES = (
    Rule(
        "attribute.is",
        pattern(
            rf"my (?P<attribute>{_NAMED})(?P<verb>'s| is| are| include)(?: now)?(?: on(?= \w+ \d| \d"
            r"| the \d))? (?P<value>.+)"
        ),
        _attribute,
    ),
    Rule(
        "favourite.is",
        pattern(
            r"my (?:all-time |all time |absolute |personal |new |current )?favou?rite (?P<thing>[\w' -]{2,40}?)"
            r"(?:'s| is| are|'re|:| has to be| would be| must be)(?: probably| definitely| still| now"
            r"| always)? (?P<value>.+)"
        ),
        _favourite,
    ),
    Rule(
        "favourite.inverted",
        pattern(
            r"(?P<value>(?!(?:it|this|that|these|those|he|she|they|what|which|here|there|who"
            r"|one)\b)[\w][\w' \".&-]{1,60}?) (?:is|are) my (?:all-time |all time |absolute |personal "
            r"|new )?favou?rite (?P<thing>[\w' -]{2,40}?)(?:$|[,.!;]| because .*| of all time.*)"
        ),
        _favourite,
        0.8,
    ),
)
