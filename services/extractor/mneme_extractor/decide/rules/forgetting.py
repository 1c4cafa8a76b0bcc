"""What the speaker asks to be forgotten, and what is to be kept word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.phrases import stands_alone, tidy, words
from mneme_extractor.decide.rule import Found, Rule, pattern
from mneme_extractor.decide.third_person import retold
from mneme_extractor.decide.vocabulary import alternatives, by_synonym

_ATTRIBUTES = by_synonym(
    {
        "name": "name",
        "age": "age",
        "birthday": "birthday|date of birth",
        "residence": "residence|address|home",
        "hometown": "hometown",
        "occupation": "occupation|job|profession|job title",
        "employer": "employer|company",
        "school": "school|university",
        "field of study": "major",
        "diet": "diet",
        "nationality": "nationality",
        "marital status": "marital status",
        "time zone": "time zone|timezone",
        "nickname": "nickname",
        "pronouns": "pronouns",
        "anniversary": "anniversary",
        "birthplace": "birthplace",
        "religion": "religion",
        "star sign": "star sign",
        "phone": "phone",
        "car": "car",
        "height": "height",
        "weight": "weight",
        "hobbies": "hobbies",
    }
)
_NAMED = alternatives(_ATTRIBUTES)
_DONT_KEEP = (
    r"(?:please,? )?(?:can you |could you )?(?:forget|don't remember|do not remember|don't save|do not save"
    r"|don't store|do not store|stop remembering|unlearn)"
)
_WHAT_WAS_SAID = r"(?: (?:what|everything|anything|all) i (?:said|told you|mentioned) about)?"
ASKS_TO_FORGET = re.compile(
    r"\b(?:forget|unlearn|(?:don't|do not|stop) (?:remember|remembering|save|saving|store|storing|keep|keeping)"
    r"|delete|erase|remove|vergiss|olvida|oublie\w*|dimentica|vergeet|esquece)\b",
    re.IGNORECASE,
)
"""What a message must contain for a model's delete to be believed."""
_NOT_A_THING = re.compile(
    r"(?:to|how|what|when|where|who|why|the (?:rest|past|time|fact)|everything|all|about|me|us)\b", re.IGNORECASE
)


def _attribute(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    attribute = _ATTRIBUTES[match["attribute"].lower()]
    yield Found("profile_fact", {"attribute": attribute}, f" asked to forget their {attribute}", action="delete")


def _thing(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    """The class is unknown: whichever memory has this identity goes."""
    thing = tidy(match["thing"])
    if not thing or _NOT_A_THING.match(thing) or not stands_alone(thing, most=8):
        return
    topic = retold(re.sub(r"^(?:the|my|our) ", "", thing))
    for memory_class, values in (
        ("preference", {"topic": topic}),
        ("goal", {"goal": topic}),
        ("note", {"text": retold(thing)}),
    ):
        yield Found(memory_class, values, f" asked to forget {retold(thing)}", action="delete")


RULES = (
    Rule(
        "forget.attribute",
        pattern(
            rf"(?:{_DONT_KEEP}(?: about)?{_WHAT_WAS_SAID}|(?:please,? )?(?:delete|erase|remove)) my"
            rf" (?P<attribute>{_NAMED})(?: from (?:your |the )?memory)?\W*$"
        ),
        _attribute,
        supposable=True,
    ),
    Rule(
        "forget.thing",
        pattern(rf"{_DONT_KEEP}(?: about|{_WHAT_WAS_SAID[:-1]}) (?!my (?:{_NAMED})\W*$)(?P<thing>.+)"),
        _thing,
        0.8,
        supposable=True,
    ),
)
FORGET_THAT = pattern(rf"{_DONT_KEEP}(?: about)?(?: the fact)? that (?P<fact>.+)")
"""What follows is a statement of the speaker, to be forgotten."""
KEEP_THAT = pattern(
    r"(?:please,? )?(?:remember|note|keep in mind|don't forget)"
    r"(?: that\b|:|(?= (?:my|our|the) .* (?:is|are|was|has)\b)),? (?!(?:time|day|night|one)\b)(?P<text>.+)"
)
"""What follows is to be kept as it is said, when nothing else is found in it."""


def note(match: re.Match[str]) -> Found | None:
    """A note of what was to be kept, to its end; None when it does not stand alone."""
    text = match["text"].strip(" \t\"'*_.,;:!?…")
    if len(words(text)) < 2 or not stands_alone(text, most=40):
        return None
    return Found("note", {"text": retold(text)}, f" asked to remember that {retold(text)}")
