"""What the speaker did or will do, with the day it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.dates import When, find_when
from mneme_extractor.decide.phrases import stands_alone, tidy, words
from mneme_extractor.decide.rule import Found, Rule, pattern
from mneme_extractor.decide.rules.verbs import ANNOUNCED, ELIDED, IRREGULAR_PAST, REPORTS_NO_DEED
from mneme_extractor.decide.third_person import retold
from mneme_extractor.decide.valid_time import interval_of
from mneme_extractor.decide.vocabulary import alternatives

_ADVERBS = (
    r"(?:(?:just|also|finally|actually|even|both|all|already|really|then|sadly|luckily|accidentally"
    r"|officially|successfully) )*"
)
_RECENTLY = r"(?P<recently>recently )?"
_NEITHER_SIDE = re.compile(
    r"\b(?:from|since|of|about|until|till|by|for|before|after|than|like|on|the|my|our|a|every|regarding)\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:with|at|in|to|for|on|and|near|by|from|about|after|before|during|together|as|over|around|along|where)\b",
    re.IGNORECASE,
)
_DEED_AFTER_ALL = re.compile(
    r"(?:had|made|got|did|kept|ended|learned|learnt|tried|used|shared|missed|decided) (?:an? (?!(?:lot|bit|feeling"
    r"|look|chance|little|few|really)\b|(?:blast|ball|(?:hard|tough|rough|great|good|bad|difficult|amazing"
    r"|wonderful|fantastic|lovely|nice|fun) (?:time|day|week|month|year|night|go|one|feeling|weekend))\b(?! (?:at"
    r"|in|on|with|during|hiking|camping)\b))|my |our |the (?!chance|best)|married|engaged|back|home|promoted|hired"
    r"|fired|laid off|accepted|dinner|lunch|breakfast|brunch|coffee|surgery|some )",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"(?:was|were) (?!(?:in|at|on) (?!(?:tears|awe|shock|trouble|pain|love|a (?:good|bad)|my (?:element|best)"
    r"|the (?:mood|zone))\b)|[a-z]+ing (?:in|at|to|with|for|a|an|the|my|on)\b|promoted|hired|fired|laid off"
    r"|invited|diagnosed|robbed|elected|accepted|awarded|admitted)",
    re.IGNORECASE,
)
_UNDONE = re.compile(
    r"(?:was|were) (?:just |already |actually )?(?:(?:going|about) to (?!(?:the|an?|my|our|bed|school|church)\b)[a-z]"
    r"|(?:supposed|meant|hoping|planning|scheduled) to\b)",
    re.IGNORECASE,
)
"""What did not come about, or of which it is not told."""
_VAGUE = re.compile(
    r"(?:got|had) the idea\b.*"
    r"|(?:had|went to|got|made|took|did|saw|shared|posted) (?:an? |some |the |another )?(?:[\w-]+ ){0,2}?(?:setback"
    r"|accomplishment|achievement|milestone|moment|event|thing|stuff|pic|pics|picture|photo|photos|progress|break|chat"
    r"|talk|conversation|day|time|week|weekend|night|moments|things|something)",
    re.IGNORECASE,
)
"""What tells nobody anything without what was said around it."""
_NO_PLAN = re.compile(
    r"(?:having|taking) (?:a )?(?:great|good|bad|blast|tough|hard|rough|lots|fun|so|trouble|difficult|easy|break"
    r"|it)|going (?:through|crazy|well|great|good|on|strong|to (?:be|try|keep|do|have|need|miss|love|tell|say"
    r"|let))|seeing (?:how|that|if)|running (?:late|out|low|into)|starting to|getting married$",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"\bthis (?=(?:cute|amazing|awesome|cool|new|great|incredible|beautiful|wonderful|tasty|delicious|super"
    r"|really)\b)",
    re.IGNORECASE,
)
_NOTHING_BEFORE = re.compile(r"\W*|\W*(?:[a-z]+[,!]? ){1,3}", re.IGNORECASE)
_MOST = 22


def _past_tense(verb: str) -> bool:
    lowered = verb.lower()
    return lowered in IRREGULAR_PAST or lowered in ("was", "were") or (lowered.endswith("ed") and len(lowered) > 3)


def _reported(match: re.Match[str], clause: Clause, said_on: date) -> Iterator[Found]:
    verb, deed = match["verb"].lower(), match["deed"]
    if not _past_tense(verb) or _STATE.match(deed) or _UNDONE.match(deed):
        return
    if verb in REPORTS_NO_DEED and not _DEED_AFTER_ALL.match(deed):
        return
    placed = _placed(clause.lead or match["recently"] or "", _without_this(deed), clause, said_on, past=True)
    if placed is not None:
        what, when, words_for_it = placed
        if not _VAGUE.fullmatch(what) and not _after(when, said_on):
            yield from _event(_with(clause.company, re.sub(r"^were\b", "was", what)), when, words_for_it)


def _elided(match: re.Match[str], clause: Clause, said_on: date) -> Iterator[Found]:
    """ "Got a puppy last week": without a subject at the start of a sentence, the speaker means themselves."""
    if _NOTHING_BEFORE.fullmatch(clause.before):
        for found in _reported(match, clause, said_on):
            what = found.values["what"]
            yield replace(
                found,
                values={**found.values, "what": what[0].lower() + what[1:]},
                says=f" {found.says[1].lower()}{found.says[2:]}",
            )


def _with(company: str, what: str) -> str:
    if not company or not what:
        return what
    return f"{re.sub(r' together$', '', what)} with {company}"


def _without_this(deed: str) -> str:
    """ "adopted this cute pup" introduces the pup as much as "a cute pup" does."""
    return _THIS.sub("a ", deed, count=1)


def _announced(match: re.Match[str], clause: Clause, said_on: date) -> Iterator[Found]:
    deed = match["deed"]
    if _NO_PLAN.match(deed):
        return
    placed = _placed(clause.lead, deed, clause, said_on, past=False)
    if placed is not None and _ahead(placed[1], said_on):
        verb = "will" if match["aux"].lower().endswith(("'ll", "will")) else "is"
        if len(words(placed[0])) < 2:
            return
        yield from _event(f"{verb} {placed[0]}", placed[1], placed[2])


def _appointment(match: re.Match[str], clause: Clause, said_on: date) -> Iterator[Found]:
    placed = _placed(clause.lead, match["deed"], clause, said_on, past=False)
    if placed is not None and _ahead(placed[1], said_on):
        yield from _event(f"has {placed[0]}", placed[1], placed[2])


def _dated_thing(match: re.Match[str], _clause: Clause, said_on: date) -> Iterator[Found]:
    """ "My flight is on 5 May"."""
    when = find_when(match["date"], said_on, past=match["verb"].lower() in ("was", "were"))
    if when is None or when.start or not when.iso or _NO_THING.search(match["what"]):
        return
    what = retold(match["what"])
    if stands_alone(what, most=6) and not words(match["date"][when.end :])[2:]:
        yield Found("event", {"what": what, "when": when.iso}, f"'s {what} {match['verb'].lower()} {when.phrase('')}")


_NO_THING = re.compile(
    r"\b(?:birthday|birth ?date|date of birth|dob|anniversary|name|life|day|week|favou?rite|job|head|heart|mind"
    r"|problem|question|point|friend|mom|dad|sister|brother|wife|husband|team|family|kids?|dog|cat)\b",
    re.IGNORECASE,
)


def _placed(lead: str, deed: str, clause: Clause, said_on: date, *, past: bool) -> tuple[str, When, str] | None:
    """The deed without its time, the time, and the words that gave it; None without a time that belongs to it."""
    led = lead.strip(" ,")
    ahead = find_when(led, said_on, past=past) if led else None
    if led:
        return (
            (tidy(deed, whole_lists=True), ahead, led) if ahead and (ahead.start, ahead.end) == (0, len(led)) else None
        )
    kept = tidy(deed, whole_lists=True)
    when = find_when(deed, said_on, past=past)
    if when is None:
        return _placed_before(kept, clause, said_on, past=past)
    rest = deed[when.end :].strip()
    if when.start > len(kept) or _NEITHER_SIDE.search(deed[: when.start]):
        return None
    if words(rest) and not _GOES_ON.match(rest) and not rest.startswith((",", ".", ";", "!", ":")):
        rest = "" if tidy("x " + rest) == "x" else "?"
    if rest == "?":
        return None
    what = tidy(
        f"{deed[: when.start].strip()} {rest}" if _GOES_ON.match(rest) else deed[: when.start], whole_lists=True
    )
    return what, when, deed[when.start : when.end]


def _placed_before(kept: str, clause: Clause, said_on: date, *, past: bool) -> tuple[str, When, str] | None:
    """The time stands before the clause: "Last Friday, I …"."""
    led = re.split(r"[,;:!.-] ", clause.before.strip().rstrip(",;:-"))[-1].strip()
    led = re.sub(r"^(?:so|and|but|well|hey|oh) ", "", led, flags=re.IGNORECASE)
    when = find_when(led, said_on, past=past) if led else None
    return (kept, when, led) if when and (when.start, when.end) == (0, len(led)) else None


def _after(when: When, said_on: date) -> bool:
    """Whether the time begins later: what was done is over by now, so the time is that of something else."""
    first, _ = interval_of(when.iso)
    return first is not None and first.date() > said_on


def _ahead(when: When, said_on: date) -> bool:
    """Whether the time lies ahead: plans for today are over before anybody asks for them."""
    if not when.iso:
        return False
    if "W" in when.iso:
        year, week, _ = said_on.isocalendar()
        return when.iso >= f"{year:04d}-W{week:02d}"
    today = said_on.isoformat()
    return when.iso > today if len(when.iso) == 10 else when.iso >= today[: len(when.iso)]


def _event(what: str, when: When, words_for_it: str) -> Iterator[Found]:
    if len(words(what)) >= 2 and stands_alone(what, most=_MOST):
        kept = retold(what)
        yield Found("event", {"what": kept, "when": when.iso}, f" {kept} {when.phrase(words_for_it.lower())}")


RULES = (
    Rule(
        "event.past", pattern(rf"(?:i|we) {_ADVERBS}{_RECENTLY}{_ADVERBS}(?P<deed>(?P<verb>[a-z]+) .+)"), _reported, 0.8
    ),
    Rule(
        "event.elided",
        pattern(rf"(?P<recently>recently )?(?:just )?(?P<deed>(?P<verb>{alternatives(ELIDED)}) .+)"),
        _elided,
        0.7,
    ),
    Rule(
        "event.plan",
        pattern(rf"(?P<aux>i'm|i am|im|we're|we are) {_ADVERBS}(?P<deed>(?:{ANNOUNCED})\b.*)"),
        _announced,
        0.75,
    ),
    Rule(
        "event.will",
        pattern(
            rf"(?P<aux>i'll|i will|we'll|we will) {_ADVERBS}(?P<deed>(?!be (?:able|there|happy|sure|fine|ok|back)"
            r"|let|try|see|think|keep|do|need|have to|never|always|definitely|probably|not)[a-z]+ .+)"
        ),
        _announced,
        0.7,
    ),
    Rule(
        "event.appointment",
        pattern(
            rf"(?:i|we)(?:'ve got| have| have got) {_ADVERBS}(?P<deed>an? (?:[\w'-]+ ){{0,4}}?(?:appointment"
            r"|meeting|exam|interview|flight|concert|gig|game|match|race|marathon|wedding|party|date|surgery"
            r"|presentation|deadline|test|class|trip|tournament|competition|show|checkup|check-up|reservation"
            r"|booking|call|conference|event|recital|performance|audition|workshop)\b.*)"
        ),
        _appointment,
        0.8,
    ),
    Rule(
        "event.dated_thing",
        pattern(r"(?:my|our) (?P<what>[\w' -]{3,40}?) (?P<verb>is|starts|begins|was|ends) (?P<date>.+)"),
        _dated_thing,
        0.8,
    ),
)
