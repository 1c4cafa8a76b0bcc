"""What the speaker wants to reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.dates import dated
from mneme_extractor.decide.phrases import stands_alone, tidy, words
from mneme_extractor.decide.rule import ALSO, AM, Build, Found, Rule, pattern
from mneme_extractor.decide.third_person import retold

_NO_GOAL = re.compile(
    r"(?:know|ask|say|tell|thank|hear|see|share|talk|discuss|understand|make sure|be sure|clarify|point out"
    r"|mention|add|know|check|show|hug|chat|apologi[sz]e|congratulate|note|stress|emphasi[sz]e|get back|let"
    r"|be honest|be clear|use|do|try|go|come|give|have|be|help|keep|take|join|meet|catch up|stay|send|call|look"
    r"|think|feel|remember|forget|just|cry|scream|die|sleep|eat|print|parse|convert|compare|test|debug|fix"
    r"|find out|figure out|read|watch|pay|wait|leave|continue|focus|write (?!an? (?:\w+ )?(?:book|novel|thesis"
    r"|memoir|screenplay|blog|song))|spread|make an? (?:positive )?(?:difference|change|impact)$|set|put|bring"
    r"|work|grow|learn more|speak|support|inspire|connect)\b(?! (?:a (?:doctor|nurse|teacher|lawyer|pilot|writer"
    r"|parent|father|mother)|better at|back to (?:school|college|university)|to (?:college|university|space|mars"
    r"|japan)|a (?:master|degree|house|family)|fit|healthier))",
    re.IGNORECASE,
)
_TASK_AT_HAND = re.compile(
    r"\b(?:function|script|regex|json|csv|sql|query|code|bug|error|email|letter|essay|file|loop|class|method"
    r"|variable|endpoint|string|array|list|table|column|command|button|page|unit test|api|dataframe|docker\w*"
    r"|image|text|sentence|paragraph)s?\b",
    re.IGNORECASE,
)
"""What people ask an assistant to help with now is no goal to remember."""
_GERUND = re.compile(r"[a-z]+ing\b", re.IGNORECASE)
_LEARNABLE = re.compile(
    r"(?:how )?to (?:play|cook|bake|draw|paint|swim|drive|code|program|ride|sail|ski|knit|sew|dance|sing|speak"
    r"|surf|snowboard|fly|dive|juggle|read music)\b|(?:the )?(?:[a-z]+ )?(?:guitar|piano|violin|drums|ukulele"
    r"|german|french|spanish|italian|japanese|korean|chinese|mandarin|portuguese|russian|arabic|dutch|swedish"
    r"|polish|turkish|greek|hindi|latin|sign language|python|rust|javascript|pottery|karate|judo|yoga|calligraphy"
    r"|chess|photography)\b",
    re.IGNORECASE,
)
_MOST = 18


def _goal(says: str, *, strict: bool = True) -> Build:
    def build(match: re.Match[str], _clause: Clause, said_on: date) -> Iterator[Found]:
        goal = dated(tidy(match["goal"], whole_lists=True), said_on)
        if (
            len(words(goal)) < 2
            or (strict and (_NO_GOAL.match(goal) or _TASK_AT_HAND.search(goal)))
            or not stands_alone(goal, most=_MOST)
        ):
            return
        yield Found("goal", {"goal": retold(goal)}, f" {says} {retold(goal)}")

    return build


def _doing(says: str) -> Build:
    def build(match: re.Match[str], _clause: Clause, said_on: date) -> Iterator[Found]:
        goal = dated(tidy(match["goal"], whole_lists=True), said_on)
        if _GERUND.match(goal) and len(words(goal)) >= 2 and stands_alone(goal, most=_MOST):
            yield Found("goal", {"goal": retold(goal)}, f" {says} {retold(goal)}")

    return build


def _learning(match: re.Match[str], _clause: Clause, _said_on: date) -> Iterator[Found]:
    goal = tidy(match["goal"])
    if _LEARNABLE.match(goal) and stands_alone(goal, most=8):
        yield Found("goal", {"goal": f"learn {retold(goal)}"}, f" is learning {retold(goal)}")


RULES = (
    Rule(
        "goal.want",
        pattern(rf"(?:i{ALSO} want|i(?:'ve| have) always wanted) to (?:eventually |someday |one day )?(?P<goal>.+)"),
        _goal("wants to"),
        0.8,
    ),
    Rule(
        "goal.would_like",
        pattern(
            r"(?:i'd|i would)(?: really)? (?:love|like) to (?:eventually |someday "
            r"|one day )?(?P<goal>.+? (?:some ?day|one day|eventually|in the future|before i .+|this year"
            r"|next year))\W*$"
        ),
        _goal("would like to"),
        0.8,
    ),
    Rule(
        "goal.plan",
        pattern(
            rf"(?:(?:{AM}|we're|we are) planning|i{ALSO} plan|i(?:'ve| have) (?:been planning|decided)"
            rf"|i{ALSO} intend|{AM} determined|i{ALSO} aim|{AM} aiming) (?:to|on) (?P<goal>(?!\w+ing\b).+)"
        ),
        _goal("plans to"),
        0.85,
    ),
    Rule(
        "goal.planning_on",
        pattern(rf"{AM} (?:planning on|planning|thinking of|thinking about|considering) (?P<goal>.+)"),
        _doing("is considering"),
        0.75,
    ),
    Rule(
        "goal.planning",
        pattern(rf"(?:{AM}|we're|we are) (?:currently )?planning (?P<goal>(?:an?|our|my) (?!(?:few|lot|bit)\b).+)"),
        _goal("is planning", strict=False),
        0.8,
    ),
    Rule("goal.hope", pattern(rf"(?:i{ALSO} hope|{AM} hoping) to (?P<goal>.+)"), _goal("hopes to"), 0.75),
    Rule(
        "goal.is",
        pattern(
            r"my (?:main |biggest |ultimate |personal |long-term |current |next |career |fitness )?(?:goal|dream"
            r"|aim|ambition|resolution)(?: (?:this year|for this year|for the year|right now"
            r"|for 20\d\d))? is to (?P<goal>.+)"
        ),
        _goal("has the goal to", strict=False),
    ),
    Rule(
        "goal.dream", pattern(r"i(?:'ve always| have always)? dream(?:ed|t)? of (?P<goal>.+)"), _doing("dreams of"), 0.8
    ),
    Rule(
        "goal.saving",
        pattern(rf"{AM} saving(?: up)?(?: money)? (?:for|to) (?P<goal>.+)"),
        _goal("is saving for", strict=False),
        0.85,
    ),
    Rule(
        "goal.training",
        pattern(rf"{AM} (?:training|preparing|studying) for (?P<goal>(?:a|an|the|my) .+)"),
        _goal("is preparing for", strict=False),
        0.85,
    ),
    Rule("goal.learning", pattern(rf"{AM} (?:learning|trying to learn) (?P<goal>.+)"), _learning, 0.85),
)
