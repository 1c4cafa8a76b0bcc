"""Whether a clause is asserted by the speaker, or only supposed, wished, reported or asked."""

from __future__ import annotations

import re

from mneme_extractor.decide.clauses import Clause

_SUPPOSED = re.compile(
    r"\b(?:if|unless|imagine|suppose|supposing|pretend\w*|wish\w*|whether|hypothetically|supposedly|let's say"
    r"|say i|as though|dream\w* that)\b",
    re.IGNORECASE,
)
"""Words that make the rest of their sentence a supposition."""
_UNCERTAIN = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably|might|would have|would've|could have|should have|used to|not sure"
    r"|i doubt|just kidding|jk)\b",
    re.IGNORECASE,
)
"""Words that take back the clause they stand in, or just before."""
_TAKEN_BACK = re.compile(
    r"\bsaid (?:nobody|no ?one|no-one)\b|\((?:not|kidding|jk)\)|, (?:not|i wish|as if|psych|lol not)[.!]*\s*$"
    r"|(?<![\w/])/s\b|\b(?:as they say|so to speak|as the saying goes)\b",
    re.IGNORECASE,
)
"""Marks of irony, and of a manner of speaking."""
_IRONIC = re.compile(
    r"^\W*(?:oh,? (?:great|wonderful|joy|lovely|perfect)|yeah,? right|sure,? because|as if|just great)\b", re.IGNORECASE
)
_IN_FICTION = re.compile(
    r"\bin (?:(?:this|that) (?:scenario|story|novel|role-?play|simulation|example)|(?:the|a) (?:scenario|novel"
    r"|role-?play|simulation)|my dreams?)\b",
    re.IGNORECASE,
)
_JUST_BEFORE = 12
_REPORTED = re.compile(
    r"\b(?:said|says|saying|say|told|tells|telling|asked|asks|thinks|thought|believes?|believed|claims?|claimed"
    r"|heard|hears|wrote|writes|insists?|assumes?|assumed|quote[sd]?|according to|lyrics?|reads|sings|called"
    r"|figured|guess(?:es|ed)?(?! what)|feels? like|felt like|means|remind(?:s|ed)|character|narrator|like when"
    r"|the time)\b[^,;]*[,:;]?\s*(?:that\s+)?$",
    re.IGNORECASE,
)
_TEMPORAL = re.compile(
    r"\b(?:when|whenever|before|until|till|once|after|as soon as|until)\s*$|\bonly (?:when|if)\b", re.IGNORECASE
)
_NO_LONGER_TRUE = re.compile(
    r"\b(?:back then|back in the day|at (?:the|that) time|as a (?:kid|child|teen\w*|student)|when i was|growing up"
    r"|in my (?:dreams?|youth)|in the past|not anymore|but not now)\b",
    re.IGNORECASE,
)


def asserted(clause: Clause) -> bool:
    """Whether the clause is put forward as true by the one who speaks."""
    if _SUPPOSED.search(clause.before + clause.text) or _SUPPOSED.match(clause.after.lstrip(" ,;")):
        return False
    if _TAKEN_BACK.search(clause.text + clause.after) or _IRONIC.match(clause.before):
        return False
    if _IN_FICTION.search(clause.before + clause.text + clause.after):
        return False
    if _UNCERTAIN.search(clause.before[-_JUST_BEFORE:] + clause.text):
        return False
    return _REPORTED.search(clause.before) is None and _TEMPORAL.search(clause.before) is None


def still_true(clause: Clause) -> bool:
    """Whether a statement in the present tense is about the present."""
    return _NO_LONGER_TRUE.search(clause.before + clause.text) is None
