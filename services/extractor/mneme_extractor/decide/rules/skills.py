"""What the speaker can do: languages, instruments, sports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.rule import ALSO, AM, Found, Rule, pattern
from mneme_extractor.decide.rules.facts import fact, one_of
from mneme_extractor.decide.rules.nations import LANGUAGES
from mneme_extractor.decide.vocabulary import alternatives

_LANGUAGE = re.compile(r"(?<![\w-])(?:" + alternatives(LANGUAGES) + r")(?![\w-])", re.IGNORECASE)
_OTHER_THAN_A_LIST = re.compile(
    r"[^\w\s,&]|\b(?:to|with|when|at|in|for|because|only|not|class|teacher|people|food)\b", re.IGNORECASE
)
_PLAYED = (
    "guitar|piano|violin|cello|drums|flute|bass|ukulele|saxophone|trumpet|clarinet|harp|viola|banjo|keyboard"
    "|harmonica|accordion|soccer|football|basketball|tennis|volleyball|baseball|hockey|golf|rugby|cricket"
    "|badminton|chess|handball|squash|table tennis|water polo|field hockey|ice hockey|softball"
)


def _languages(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    listing = match["value"]
    cut = _OTHER_THAN_A_LIST.search(listing)
    for language in _LANGUAGE.findall(listing[: cut.start()] if cut else listing):
        kept = language.capitalize()
        yield Found("profile_fact", {"attribute": f"speaks {kept.lower()}", "value": kept}, f" speaks {kept}")


def _native(raw: str, _clause: Clause) -> str | None:
    return raw.capitalize() if raw.lower() in LANGUAGES else None


RULES = (
    Rule(
        "language.speak",
        pattern(rf"i{ALSO} speak (?:fluent |some |a little |a bit of |both )?(?P<value>.+)"),
        _languages,
    ),
    Rule("language.fluent", pattern(rf"{AM} (?:fluent|bilingual) in (?P<value>.+)"), _languages),
    Rule("language.speaker", pattern(rf"{AM} an? (?:native|fluent) (?P<value>\w+) speaker"), _languages),
    fact(
        "language.native",
        r"my (?:native|first) (?:language|tongue)(?:'s| is) (?P<value>\w+)\W*$",
        "native language",
        "'s native language is {value}",
        _native,
    ),
    fact(
        "language.mother",
        r"my mother tongue(?:'s| is) (?P<value>\w+)\W*$",
        "native language",
        "'s native language is {value}",
        _native,
    ),
    fact(
        "plays",
        rf"i{ALSO} play (?:the )?(?P<value>{_PLAYED})\b(?! (?:game|match)).*",
        "plays {value}",
        " plays {value}",
        one_of(*_PLAYED.split("|")),
    ),
)
