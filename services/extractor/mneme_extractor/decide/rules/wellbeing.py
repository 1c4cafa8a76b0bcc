"""What the speaker eats, cannot eat, and lives with; how a wrong plate is avoided."""

from __future__ import annotations

import re

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.phrases import stands_alone, tidy, words
from mneme_extractor.decide.rule import ALSO, AM
from mneme_extractor.decide.rules.facts import NO_LONGER, ONLY_BEFORE, Clean, ended, fact, one_of

_DIETS = "vegan|vegetarian|pescatarian|pescetarian|flexitarian|fruitarian"
_CONDITIONS = (
    "diabetic|celiac|coeliac|asthmatic|epileptic|dyslexic|autistic|colorblind|colour-blind|color-blind"
    "|left-handed|right-handed|deaf|blind|pregnant"
)
_ILLNESSES = (
    "adhd|asthma|diabetes|type 1 diabetes|type 2 diabetes|epilepsy|arthritis|migraines|dyslexia|celiac disease"
    "|coeliac disease|hypertension|high blood pressure|tinnitus|scoliosis|eczema|hay fever|autism|insomnia"
)
_diet: Clean = one_of(*_DIETS.split("|"))
_condition: Clean = one_of(*_CONDITIONS.split("|"))
_AVOIDED = re.compile(r"(?P<verb>eat|drink|smoke)(?P<rest> .*)?$", re.IGNORECASE)


def _illness(raw: str, _clause: Clause) -> str:
    return raw.upper() if raw.lower() == "adhd" else raw.lower()


def _allergen(raw: str, _clause: Clause) -> str | None:
    found = tidy(raw)
    return found if found and stands_alone(found) and len(words(found)) <= 5 else None


_FOOD = re.compile(r"[a-z-]+(?: (?:or|and) [a-z-]+| [a-z-]+)?")
_NO_FOOD = re.compile(
    r"(?:much|very|enough|well|out|at|in|like|for|with|to|an?|the|my|alone|lunch|breakfast|dinner|often|before"
    r"|after|on|as|until)\b"
)


def _food(raw: str, _clause: Clause) -> str | None:
    found = tidy(raw.removeprefix("any ")).lower()
    eatable = _FOOD.fullmatch(found) is not None and _NO_FOOD.match(found) is None
    return found if eatable and stands_alone(found) else None


RULES = (
    fact(
        "diet.is",
        rf"{AM} (?:an? )?(?:strict |lifelong )?(?P<value>{_DIETS})(?=\W*$|[,;!]| (?:and|so|for|since|now"
        r"|because)\b).*",
        "diet",
        " is {value}",
        _diet,
    ),
    fact(
        "diet.since",
        rf"i(?:'ve| have) been (?:an? )?(?P<value>{_DIETS}) (?:for|since)\b.*",
        "diet",
        " is {value}",
        _diet,
    ),
    fact(
        "diet.became",
        rf"i(?:'ve| have)?(?: just| recently)? (?:became|become|went|gone|turned) (?:an? )?(?P<value>{_DIETS})\b.*",
        "diet",
        " is {value}",
        _diet,
    ),
    ended(
        "diet.ended",
        rf"{AM} {ONLY_BEFORE} (?:an? )?(?P<value>{_DIETS})\b(?: anymore| any more| any longer)?\W*$",
        "diet",
        " is no longer {value}",
        _diet,
    ),
    fact(
        "diet.avoids",
        rf"i{ALSO} (?:don't|do not|can't|cannot|never) eat (?P<value>.+)",
        "does not eat {value}",
        " does not eat {value}",
        _food,
    ),
    fact(
        "drink.avoids",
        rf"i{ALSO} (?:don't|do not|never) drink (?P<value>.+)",
        "does not drink {value}",
        " does not drink {value}",
        _food,
    ),
    fact(
        "smoke.avoids",
        rf"i{ALSO} (?:don't|do not) (?P<value>smoke)\W*$",
        "smoking",
        " does not {value}",
        one_of("smoke"),
    ),
    fact(
        "allergy.to",
        rf"{AM} (?:\w+ )?allergic to (?P<value>.+)",
        "allergy to {value}",
        " is allergic to {value}",
        _allergen,
    ),
    fact(
        "allergy.have",
        rf"i{ALSO} have (?:an? )?(?:\w+ )?allerg(?:y|ies) to (?P<value>.+)",
        "allergy to {value}",
        " is allergic to {value}",
        _allergen,
    ),
    fact(
        "allergy.of",
        rf"i{ALSO} have (?:an? )?(?:severe |bad |mild |serious )?(?P<value>(?!an?\b|severe|bad|mild|serious|food"
        r"|many|some|lots)[a-z]+) allergy\b.*",
        "allergy to {value}",
        " is allergic to {value}",
        _allergen,
    ),
    fact(
        "intolerance",
        rf"{AM} (?P<value>lactose|gluten|fructose|histamine)[ -]intolerant\b.*",
        "{value} intolerance",
        " is {value} intolerant",
        _allergen,
    ),
    fact(
        "condition",
        rf"{AM} (?:an? )?(?P<value>{_CONDITIONS})\W*$",
        "condition {value}",
        " is {value}",
        _condition,
    ),
    fact(
        "condition.have",
        rf"i{ALSO} have (?P<value>{_ILLNESSES})\b.*",
        "condition {value}",
        " has {value}",
        _illness,
    ),
    ended("drink.ended", rf"i {NO_LONGER} drink (?P<value>.+)", "drinking", " no longer drinks {value}", _food),
    ended(
        "smoke.ended",
        r"i(?:'ve| have)? (?:quit|stopped|gave up|given up) (?P<value>smoking)\b.*",
        "smoking",
        " has given up {value}",
        one_of("smoking"),
    ),
)
