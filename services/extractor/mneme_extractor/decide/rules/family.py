"""The people and animals close to the speaker, by name; and how many there are of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.phrases import capitalised
from mneme_extractor.decide.rule import AM, Found, Rule, pattern
from mneme_extractor.decide.rules.facts import ONLY_BEFORE, article, ended, fact, one_of
from mneme_extractor.decide.rules.kinship import PETS, PLURALS, RELATION, kept_relation
from mneme_extractor.decide.rules.nations import LANGUAGES, PEOPLES, PLACES
from mneme_extractor.decide.vocabulary import alternatives

_COUNTS = "two|three|four|five|six|seven|eight|nine|ten|\\d"
_PLURAL = alternatives(PLURALS)
_MARITAL = "married|single|divorced|engaged|widowed|separated"
_NOT_A_PERSON = LANGUAGES | PEOPLES | PLACES
_NAMES = re.compile(r",? and |, | & ")


def _person(raw: str) -> str | None:
    """One or two capitalised words that are no place, people or language."""
    found = capitalised(raw, most=2)
    return (
        found
        if found and len(found) > 1 and found.split()[0].lower() not in _NOT_A_PERSON and not found.isupper()
        else None
    )


def _relation(match: re.Match[str], clause: Clause, _said_on: date) -> Iterator[Found]:
    person = _person(match["person"])
    if person is None:
        return
    relation = kept_relation(match["phrase"])
    end = match.start("person") + match["person"].find(person) + len(person)
    yield Found(
        "relation",
        {"relation": relation, "person": person},
        f"'s {relation} is {'called ' if relation in PETS else ''}{person}",
        start=match.start(),
        end=min(end, len(clause.text)),
    )


def _inverted(match: re.Match[str], clause: Clause, said_on: date) -> Iterator[Found]:
    if capitalised(match["person"], most=2) == match["person"].strip():
        yield from _relation(match, clause, said_on)


def _several(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    """ "two cats named Luna and Milo": one relation each."""
    relation = kept_relation(PLURALS[match["plural"].lower()])
    for part in _NAMES.split(match["people"])[:5]:
        person = _person(part)
        if person is None:
            return
        yield Found(
            "relation",
            {"relation": relation, "person": person},
            f"'s {relation} is {'called ' if relation in PETS else ''}{person}",
        )


def _count(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    plural = match["plural"].lower()
    kept = "children" if plural == "kids" else plural
    yield Found(
        "profile_fact", {"attribute": kept, "value": match["count"].lower()}, f" has {match['count'].lower()} {kept}"
    )


def _pet(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    pet, described = kept_relation(match["pet"]), match["described"].lower()
    yield Found(
        "profile_fact", {"attribute": f"pet {pet}", "value": described}, f" has {article(described)} {described}"
    )


_PERSON = r"(?P<person>[^\W\d_][\w'.-]*(?: [^\W\d_][\w'.-]*)?)"
_PET = alternatives(PETS)

RULES = (
    Rule(
        "relation.apposition",
        re.compile(
            rf"(?i:\b(?:my|our)) (?P<phrase>(?i:{RELATION})),? (?P<person>(?![A-Z]+\b)[^\W\d_a-z][\w'-]+(?: "
            r"[^\W\d_a-z][\w-]+)?)(?!\w)"
        ),
        _relation,
        0.85,
        anywhere=True,
    ),
    Rule(
        "relation.is",
        pattern(
            rf"(?:my|our) (?P<phrase>{RELATION})(?:'s name)?(?: is|'s)(?: called| named)? {_PERSON}\W*(?:$|and\b|[,.])"
        ),
        _relation,
        0.85,
    ),
    Rule(
        "relation.called",
        pattern(rf"(?:my|our) (?P<phrase>{RELATION})(?:'s name(?:'s| is)| is (?:called|named)) (?P<person>.+)"),
        _relation,
    ),
    Rule(
        "relation.have",
        pattern(
            r"(?:i|we)(?: also| just)?(?:'ve got| have got| have| own| got|(?:'ve| have)? adopted)\b(?:.* and)? (?:an? "
            rf"|this |one )(?:[\w-]+ ){{0,3}}?(?P<phrase>{RELATION}),? (?:called|named"
            r"|whose name is) (?P<person>.+)"
        ),
        _relation,
    ),
    Rule("relation.inverted", pattern(rf"{_PERSON} is (?:my|our) (?P<phrase>{RELATION})\W*$"), _inverted),
    Rule(
        "relation.several",
        pattern(
            rf"(?:i|we)(?: also)?(?:'ve got| have| have got) (?:{_COUNTS}) (?:[\w-]+ ){{0,2}}?(?P<plural>{_PLURAL})"
            r"(?:,| called| named|:) (?P<people>[A-Z].+)"
        ),
        _several,
    ),
    Rule(
        "relation.my_several",
        pattern(
            rf"(?:my|our) (?:(?:{_COUNTS}) )?(?P<plural>{_PLURAL})(?:,| are(?: called| named)?"
            r"|:) (?P<people>[A-Z]\w+(?:, [A-Z]\w+)*,? (?:and|&) [A-Z]\w+)\b"
        ),
        _several,
    ),
    Rule(
        "count.have",
        pattern(
            rf"(?:i|we)(?: also)?(?:'ve got| have| have got) (?P<count>{_COUNTS}) (?:(?:older|younger|little|big"
            r"|grown|adult|small|young|beautiful|amazing|wonderful|lovely) )?(?P<plural>brothers|sisters|siblings"
            r"|children|kids|sons|daughters|cats|dogs|grandchildren|grandkids)\b"
        ),
        _count,
    ),
    Rule(
        "pet.have",
        pattern(
            rf"(?:i|we)(?: also)?(?:'ve got| have| have got) an? (?P<described>(?:[\w-]+ )?(?P<pet>{_PET}))\W*(?:$"
            r"|and\b)"
        ),
        _pet,
    ),
    fact(
        "marital.is",
        rf"{AM} (?:happily |recently |newly )?(?P<value>{_MARITAL})(?=\W*$| (?:to|with|and|for|since|now)\b).*",
        "marital status",
        " is {value}",
        one_of(*_MARITAL.split("|")),
    ),
    ended(
        "marital.ended",
        rf"{AM} {ONLY_BEFORE} (?P<value>{_MARITAL})\b.*",
        "marital status",
        " is no longer {value}",
        one_of(*_MARITAL.split("|")),
    ),
)
