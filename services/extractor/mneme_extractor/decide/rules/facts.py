"""Building blocks for rules that yield profile facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from mneme_common.domain.vocabulary import ENDED
from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.modality import still_true
from mneme_extractor.decide.phrases import capitalised, stands_alone, tidy, words
from mneme_extractor.decide.rule import Found, Rule, pattern
from mneme_extractor.decide.rules.nations import PLACES
from mneme_extractor.decide.third_person import retold
from mneme_extractor.decide.vocabulary import vocabulary

Clean = Callable[[str, Clause], str | None]
"""The value in the raw end of a clause, or None when it holds none."""

NOT_BUT = (
    r"(?:not (?:in |at |for |from |as an? )?[\w' -]{1,40}?,? but (?:rather )?(?:in |at |for |from "
    r"|as an? )?)?"
)
"""The part of "not X but Y" that is to be forgotten."""

NO_LONGER = r"(?:no longer|(?:don't|do not)(?=.*\b(?:anymore|any more|any longer)\b))"
"""What precedes a verb in "I no longer …" and in "I don't … anymore"."""

AND_NOW = (
    r"i(?:'m|'ve| am| was| moved| grew| come| work| study| switched| left)\b"
    r"(?:(?!\b(?:my|our|he|she|they|who|that|friends?|parents?)\b).)* (?:and|but) (?:now |currently )?"
)
"""What precedes the second verb in "I am from Brazil but now live in Canada", when it has no other subject."""
ONLY_BEFORE = r"(?:no longer|not(?=.*\b(?:anymore|any more|any longer)\b))"
"""The same after "I am"."""

_ARTICLE = re.compile(r"(?:the|a|an) ", re.IGNORECASE)
_NO_PLACE = vocabulary("a an the my his her our your their this that here there fear peace hell town it harmony denial")
_WITHOUT_CAPITALS_MOST = 3


def fact(name: str, text: str, attribute: str, says: str, clean: Clean, *, confidence: float = 0.9) -> Rule:
    """A rule for one attribute: ``text`` captures ``value``, ``says`` has a place for it."""

    def build(match: re.Match[str], clause: Clause, _said_on: date) -> Iterator[Found]:
        value = clean(match["value"], clause)
        if value is not None and still_true(clause):
            kept = retold(value)
            yield Found(
                "profile_fact",
                {"attribute": attribute.format(value=kept.lower()), "value": kept},
                says.format(value=kept, a=article(kept)),
            )

    return Rule(name, pattern(text), build, confidence)


def ended(name: str, text: str, attribute: str, says: str, clean: Clean) -> Rule:
    """A rule for what holds no longer: the same attribute, so that it replaces what was known."""

    def build(match: re.Match[str], clause: Clause, _said_on: date) -> Iterator[Found]:
        value = clean(match["value"], clause)
        if value is not None:
            values = {"attribute": attribute, "value": f"{ENDED}{retold(value)}"}
            yield Found("profile_fact", values, says.format(value=retold(value), a=article(value)))

    return Rule(name, pattern(text), build, corrects=True)


def article(noun: str) -> str:
    """The indefinite article of the word."""
    return "an" if noun[:1].lower() in "aeiou" else "a"


def place(raw: str, clause: Clause) -> str | None:
    """A place by its name, with its country where one follows; without capitals, a few words to the clause's end."""
    article = _ARTICLE.match(raw)
    begin = article.end() if article else 0
    found = capitalised(raw[begin:])
    if not found:
        return _place_without_capitals(raw) if clause.lenient else None
    rest = raw[begin + len(found) :]
    country = capitalised(rest[1:].lstrip(), most=2) if rest.startswith(",") else ""
    if country and country.lower() in PLACES:
        found = f"{found}, {country}"
    return f"{article[0].lower()}{found}" if article else found


def _place_without_capitals(raw: str) -> str | None:
    phrase = tidy(raw)
    tokens = phrase.split()
    if not 0 < len(tokens) <= _WITHOUT_CAPITALS_MOST or tokens[0] in _NO_PLACE:
        return None
    return phrase if phrase.replace(" ", "").replace(",", "").isalpha() else None


def name(raw: str, clause: Clause) -> str | None:
    """A proper name; without capitals, one word that ends the clause."""
    found = capitalised(raw, most=4)
    if found:
        return found
    phrase = tidy(raw)
    return phrase if clause.lenient and phrase.isalpha() else None


def phrase(raw: str, _clause: Clause) -> str | None:
    """A phrase that stands alone, of at most eight words."""
    found = tidy(raw)
    return found if found and stands_alone(found, most=8) else None


def one_of(*allowed: str) -> Clean:
    """One of the allowed words, kept in lower case."""

    def clean(raw: str, _clause: Clause) -> str | None:
        found = tidy(raw).lower()
        return found if found in allowed else None

    return clean


def short(most: int) -> Clean:
    """A phrase that stands alone, of at most so many words."""

    def clean(raw: str, clause: Clause) -> str | None:
        found = phrase(raw, clause)
        return found if found is not None and len(words(found)) <= most else None

    return clean
