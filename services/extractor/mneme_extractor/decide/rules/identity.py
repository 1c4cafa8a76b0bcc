"""Who the speaker is: name, age, birthday, where from and where at home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.dates import find_when
from mneme_extractor.decide.phrases import capitalised
from mneme_extractor.decide.rule import ALSO, AM, Found, Rule, pattern
from mneme_extractor.decide.rules.facts import AND_NOW, NO_LONGER, NOT_BUT, Clean, ended, fact, name, one_of, place
from mneme_extractor.decide.rules.nations import PEOPLES

_AGES = range(5, 116)
_OLD = (
    r"(?P<value>\d{1,3}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four"
    r"|five|six|seven|eight|nine))?)"
)


def _age(raw: str, _clause: Clause) -> str | None:
    return raw.lower() if not raw.isdigit() or int(raw) in _AGES else None


def _birthday(match: re.Match[str], _clause: Clause, said_on: date) -> Iterator[Found]:
    when = find_when(match["value"], said_on, past=False)
    if when is None or len(when.iso) != 10 or when.start > 3:
        return
    words = match["value"][when.start : when.end]
    explicit = when.iso[:4] in words  # without a year it comes every year
    value = when.iso if explicit else when.iso[5:]
    if any(character.isdigit() for character in words):
        yield Found(
            "profile_fact",
            {"attribute": "birthday", "value": value},
            f"'s birthday is {when.iso if explicit else _plain(words)}",
        )


def _plain(words: str) -> str:
    return words.removeprefix("on ").removeprefix("the ")


def _greeting_name(match: re.Match[str], clause: Clause, _said_on: date) -> Iterator[Found]:
    """ "Hi, I'm Sarah": without a greeting it could be any state, as in "I'm Dutch"."""
    found = capitalised(match["value"], most=3)
    rest = match["value"][len(found) :].lstrip()
    ends = not rest or rest[0] in ",.!;" or rest.lower().startswith(("from ", "and "))
    if found and ends and _GREETS.search(clause.before) and found.lower() not in PEOPLES:
        yield Found("profile_fact", {"attribute": "name", "value": found}, f"'s name is {found}")


_GREETS = re.compile(r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[^?]{0,30}$", re.IGNORECASE)
_people: Clean = one_of(*PEOPLES)

RULES = (
    fact(
        "name.is",
        rf"my (?:full |first |real )?name(?:'s| is) {NOT_BUT}(?P<value>.+)",
        "name",
        "'s name is {value}",
        name,
    ),
    fact("name.called", rf"{AM} (?:called|named) (?P<value>.+)", "name", "'s name is {value}", name),
    fact(
        "name.call_me",
        r"(?:please,? |just |you can |from now on,? )*call me (?P<value>(?![A-Z]\w+ (?:is|was)\b).+)",
        "preferred name",
        " wants to be called {value}",
        name,
    ),
    Rule("name.greeting", pattern(rf"{AM} (?P<value>[A-Z].*)"), _greeting_name, 0.8),
    fact(
        "age.is",
        rf"{AM} {_OLD}(?: ?y/?o\b| years? old|(?= ?(?:$|[,.!;]|and ))).*",
        "age",
        " is {value} years old",
        _age,
    ),
    fact("age.year_old", rf"{AM} an? {_OLD}[- ]years?[- ]old\b.*", "age", " is {value} years old", _age),
    fact(
        "age.turned",
        rf"i(?:'ve)? (?:just )?turned {_OLD}\b(?!%| (?:pages|of|into|to)\b).*",
        "age",
        " is {value} years old",
        _age,
    ),
    Rule("birthday.is", pattern(r"my birthday(?:'s| is) (?P<value>.+)"), _birthday),
    Rule("birthday.born", pattern(r"i was born (?P<value>(?:on|in) .+)"), _birthday),
    fact(
        "birthplace",
        r"i was born (?:and raised )?(?:on [\w ,]{3,25} )?in (?P<value>.+)",
        "birthplace",
        " was born in {value}",
        place,
    ),
    fact("origin.from", rf"{AM} (?:originally )?from {NOT_BUT}(?P<value>.+)", "origin", " is from {value}", place),
    fact("origin.come", rf"i{ALSO} (?:originally )?come from (?P<value>.+)", "origin", " comes from {value}", place),
    fact("origin.grew_up", r"i grew up in (?P<value>.+)", "grew up in", " grew up in {value}", place),
    fact(
        "nationality",
        rf"{AM} (?P<value>[A-Z]\w+)\W*",
        "nationality",
        " is {value}",
        lambda raw, _c: raw if raw.lower() in PEOPLES else None,
    ),
    fact(
        "residence.live",
        rf"(?:i|we){ALSO} live {NOT_BUT}(?:over |right |up |down |out )?(?:here )?in (?P<value>.+)",
        "residence",
        " lives in {value}",
        place,
    ),
    fact(
        "residence.living",
        rf"{AM} (?:living|based|residing) {NOT_BUT}in (?P<value>.+)",
        "residence",
        " lives in {value}",
        place,
    ),
    fact(
        "residence.since",
        r"(?:i|we)(?:'ve| have) (?:been living|lived) in (?P<value>.+? (?:for|since) .+)",
        "residence",
        " lives in {value}",
        place,
    ),
    fact(
        "residence.now",
        rf"{AND_NOW}live in (?P<value>.+)",
        "residence",
        " lives in {value}",
        place,
    ),
    replace(
        fact(
            "residence.moved",
            r"(?:i|we)(?:'ve| have)?(?: just| recently| finally)? (?:moved"
            r"|relocated) (?:back )?(?:from [\w' ,]{1,40}? )?to (?P<value>.+)",
            "residence",
            " lives in {value}",
            place,
        ),
        corrects=True,
    ),
    ended(
        "residence.ended", rf"i {NO_LONGER} live in (?P<value>.+)", "residence", " no longer lives in {value}", place
    ),
)
