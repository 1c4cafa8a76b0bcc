"""Names of properties and relations: which of them mean the same (S1-43, normalisation for identity)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from mneme_common.domain.text import term, words
from mneme_resolver.decide.word_groups import GROUP_OF

_ALIASES = {
    "occupation": "job, job title, profession, job role, work, employment, works as, career",
    "employer": "company, workplace, works at, works for, place of work, work place",
    "residence": "city, home city, current city, location, place of residence, lives in, home, address, home town now"
    ", current location, city of residence, where they live, home location",
    "birthday": "date of birth, birth date, birthdate, dob",
    "birthplace": "place of birth, born in, birth place, city of birth",
    "origin": "country of origin, from, comes from, place of origin",
    "nationality": "citizenship",
    "marital status": "relationship status, civil status",
    "native language": "mother tongue, first language, native tongue",
    "diet": "dietary preference, dietary restriction, eating habits",
    "time zone": "timezone",
    "hometown": "home town",
    "field of study": "major, subject of study, studies, course of study, degree program",
    "school": "university, college",
    "phone": "phone model, mobile, mobile phone, cell phone, smartphone",
    "name": "full name",
    "preferred name": "goes by",
    "hobbies": "hobby",
    "star sign": "zodiac sign, zodiac",
    "age": "years old",
    "pronouns": "preferred pronouns",
}
_ALIAS_OF: Mapping[str, str] = {
    alias: label for label, aliases in _ALIASES.items() for alias in (part.strip() for part in aliases.split(","))
}
_LEADING = re.compile(r"^(?:the|my|their|own|current|present|pet (?=dog|cat|bird|fish|rabbit))\s*")
_ALLERGY = re.compile(r"^(?P<to>[\w ]+) allergy$")


@lru_cache(maxsize=16_384)
def label(text: str) -> str:
    """The label that all names of a property share."""
    plain = " ".join(words(text.replace("_", " ").replace("-", " ").casefold()))
    if plain not in _ALIAS_OF:
        plain = _LEADING.sub("", plain)
    plain = _ALLERGY.sub(r"allergy to \g<to>", plain)
    return " ".join(_stem(word) for word in words(_ALIAS_OF.get(plain, plain)))


def _stem(word: str) -> str:
    found = term(word) or word
    return GROUP_OF.get(found, found)
