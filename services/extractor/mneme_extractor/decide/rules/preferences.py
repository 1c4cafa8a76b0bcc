"""What the speaker likes, dislikes and prefers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.modality import still_true
from mneme_extractor.decide.phrases import listed, stands_alone, tidy
from mneme_extractor.decide.rule import ALSO, AM, Build, Found, Rule, pattern
from mneme_extractor.decide.rules.facts import NO_LONGER
from mneme_extractor.decide.third_person import conjugated, retold

_REASON = re.compile(r"\s*,?\s*\b(?:because|since|as it|'cause)\s+(?P<reason>[^.!?]+)", re.IGNORECASE)
_COMPARED = re.compile(r"\s+(?P<over>(?:to|over|rather than|instead of|more than)\s+.+)$", re.IGNORECASE)
_NO_TOPIC = re.compile(
    r"(?:how|what|when|where|why|who|that|nobody|no one|(?:their|her|his|its) \w+"
    r"|the (?:idea|way|fact|thought|look|sound|vibe|part|feeling|view|name"
    r"|photo|pic|picture|energy|passion|enthusiasm)|being able|seeing (?:how|you|that|all|them|him|her)|hearing"
    r"|to (?:see|hear|know|think|say|hear|share|help|chat|talk|know|be|have|get|make|do|go|try|take)\b|and|but|or"
    r"|so|not|nothing|no|all (?:the|of)|every|any|option|version|approach|solution|some|a lot|lots|much|more|most"
    r"|for|when|doing|a bit|the (?!(?-i:[A-Z])|ocean\b|sea\b|beach|mountains?|outdoors|rain|snow|sun\b|cold|heat"
    r"|winter|summer|piano|guitar|violin|countryside|city|gym|internet|theat|smell of|taste of|sound of"
    r"|feeling of)|it|if|as|too|knowing|my new|trying|showing|is|was|being (?:able|here|there)|about|from|with|of"
    r"|at|in|on)\b",
    re.IGNORECASE,
)
_VERBS = {
    "love": "likes",
    "like": "likes",
    "enjoy": "likes",
    "adore": "likes",
    "prefer": "prefers",
    "hate": "dislikes",
    "dislike": "dislikes",
    "detest": "dislikes",
    "loathe": "dislikes",
    "despise": "dislikes",
}
_ITSELF = re.compile(r" (?:itself|themselves)$", re.IGNORECASE)
_MOST = 9


def _topics(raw: str) -> Iterator[str]:
    for item in listed(raw):
        topic = re.sub(r"^(?:both|to) ", "", item)
        if topic != "to" and not _NO_TOPIC.match(item) and stands_alone(item, most=_MOST) and len(topic) > 1:
            yield _ITSELF.sub("", item)


def _found(topic: str, polarity: str, says: str, reason: str = "") -> Found:
    values = {"topic": retold(re.sub(r"^to ", "", topic)), "polarity": polarity}
    return Found(
        "preference", values | ({"reason": reason} if reason else {}), f"{says} {retold(topic)}{_because(reason)}"
    )


def _because(reason: str) -> str:
    return (
        f" {reason}"
        if reason.startswith(("over ", "to ", "rather ", "instead ", "more "))
        else f" because {reason}"
        if reason
        else ""
    )


def _reason(match: re.Match[str], clause: Clause) -> str:
    given = _REASON.match(clause.after) or _REASON.search(match["topic"])
    reason = tidy(given["reason"]) if given else ""
    return retold(reason) if reason and stands_alone(reason) else ""


def _by_verb(match: re.Match[str], clause: Clause, _said_on: date) -> Iterator[Found]:
    verb = match["verb"].lower()
    raw, reason = match["topic"], _reason(match, clause)
    if verb == "prefer" and (compared := _COMPARED.search(raw)) and not raw.lower().startswith("to "):
        raw, reason = raw[: compared.start()], retold(tidy(compared["over"]))
    if still_true(clause):
        for topic in _topics(raw):
            yield _found(topic, _VERBS[verb], f" {conjugated(verb)}", reason)


def _fixed(polarity: str, says: str) -> Build:
    def build(match: re.Match[str], clause: Clause, _said_on: date) -> Iterator[Found]:
        if still_true(clause):
            for topic in _topics(match["topic"]):
                yield _found(topic, polarity, says.format(**match.groupdict()), _reason(match, clause))

    return build


def _fan_of_it(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    if stands_alone(match["topic"], most=4):
        topic = retold(match["topic"])
        yield Found("preference", {"topic": topic, "polarity": "likes"}, f" is a {topic} fan")


def _no_longer(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    for topic in _topics(match["topic"]):
        yield _found(topic, "dislikes", f" no longer {conjugated(match['verb'].lower())}")


RULES = (
    Rule(
        "preference.verb",
        pattern(
            rf"i(?:'ve always| have always)?{ALSO} (?P<verb>love|like|enjoy|adore|prefer|hate|dislike|detest|loathe"
            r"|despise)d?(?<!ed) (?P<topic>.+)"
        ),
        _by_verb,
    ),
    Rule(
        "preference.always_loved",
        pattern(r"i(?:'ve| have) always (?P<loved>loved|liked|enjoyed) (?P<topic>.+)"),
        _fixed("likes", " has always loved"),
    ),
    Rule(
        "preference.dont_like",
        pattern(rf"i{ALSO} (?:don't|do not|never)(?: really| particularly| even)? (?:like|enjoy) (?P<topic>.+)"),
        _fixed("dislikes", " does not like"),
    ),
    Rule(
        "preference.cant_stand",
        pattern(rf"i{ALSO} (?:can't|cannot|can not) (?:stand|bear) (?P<topic>.+)"),
        _fixed("dislikes", " can't stand"),
    ),
    Rule(
        "preference.fan",
        pattern(
            rf"{AM}(?: such)? an? (?:big |huge |massive |great |total |lifelong |real |die-hard )?fan of (?P<topic>.+)"
        ),
        _fixed("likes", " is a fan of"),
    ),
    Rule(
        "preference.fan_of_it",
        pattern(
            rf"{AM}(?: such)? an? (?:big |huge |massive |great |total |lifelong |real "
            rf"|die-hard )*+(?P<topic>(?!fan\b)[\w' &-]{{2,40}}?) fan\W*$"
        ),
        _fan_of_it,
    ),
    Rule(
        "preference.no_fan",
        pattern(rf"{AM} not (?:really )?an? (?:big |huge |great )?fan of (?P<topic>.+)"),
        _fixed("dislikes", " is not a fan of"),
    ),
    Rule(
        "preference.into",
        pattern(
            rf"{AM} (?:(?:really|very|super|big|totally) )?(?P<says>into|fond of|keen on|obsessed with"
            r"|passionate about|crazy about) (?P<topic>.+)"
        ),
        _fixed("likes", " is {says}"),
    ),
    Rule(
        "preference.not_into",
        pattern(rf"{AM} not (?:(?:really|that|very|much) )?(?P<says>into|fond of|keen on) (?P<topic>.+)"),
        _fixed("dislikes", " is not {says}"),
    ),
    Rule(
        "preference.ended",
        pattern(rf"i {NO_LONGER} (?P<verb>like|love|enjoy|want|eat|drink) (?P<topic>.+)"),
        _no_longer,
        corrects=True,
    ),
)
