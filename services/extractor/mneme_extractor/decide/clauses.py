"""Clauses: the parts of a sentence that each can say something about the speaker on their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mneme_extractor.decide.sentences import Sentence

_LONGEST = 400
"""Characters; nobody states one fact in more, and rules need not look at pasted text."""

_SUBJECT = (
    r"(?:(?:i|i'm|im|i've|i'd|i'll|i am|my|we|we're|we've|we'll|our|mine|it|it's|he|he's|she|she's|they|they're"
    r"|you|you're|there|there's|this|that's|these|those|his|her|their|your|everyone|please|always|never|don't"
    r"|do not|forget|remember|what|what's|how|how's|where|who|why|which|when|while|do|does|did|are|is|can|could"
    r"|would|will|have|has|let's)\b|(?:last|next|this) (?:week|month|year|night|weekend|\w+day)\b|yesterday\b"
    r"|tomorrow\b|recently\b|(?:a|an|one|two|three|four|five|six|a few|few|\d+) (?:day|week|month|year)s? ago\b)"
)
_CONJUNCTION = r"(?:and|but|so|because|'cause|cause|since|although|though|plus|yet|or)"
_ADVERB = r"(?:also|then|now|actually|honestly|really|just|even|still|yes|no|yeah)"
_JOINED = rf"(?:{_CONJUNCTION}\s++)?(?:{_ADVERB}\s++)*(?={_SUBJECT})"
_BORDER = re.compile(
    # one character first, so that the search skips quickly to it
    rf"[\s,;:—\u2013().-](?:(?<=[,;:—\u2013])\s*+{_JOINED}"
    rf"|(?<=\s){_CONJUNCTION}\s++(?:{_ADVERB}\s++)*(?={_SUBJECT})|(?<=;)\s*+|(?<=[—\u2013-])-*+\s++"
    r"|(?<=\.)\.\.++\s*+|(?<=\()(?=\w)|(?<=\))\s*+)",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:[\"“'*_(]|(?:(?:oh|ah|well|yeah|yes|yep|yup|no|nope|nah|hi|hey|hello|wow|so|and|but|ok|okay|thanks|haha"
    r"|lol|um|uh|hmm|anyway|also|plus|actually|honestly|frankly|personally|basically|sorry|correction|btw|fyi"
    r"|by the way|in fact|as you know|you know|to be honest|tbh|for the record|just so you know"
    r"|for your information|i mean|guess what|funny thing|good news|bad news|great news|turns out|sure|lately"
    r"|nowadays|these days|right now|currently|at the moment|still|now|to be clear|like i said|as i said"
    r"|(?:please )?(?:remember|note)(?: that)?|just to let you know)(?:\s*[,!.:—\u2013-]+\s*|\s+)))+",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\b(?:actually|correction|sorry|i mean|to be clear|wait"
    r"|that's (?:wrong|incorrect|not (?:right|true|correct))|changed my mind)\b|^\W*no,",
    re.IGNORECASE,
)
_NOT_BUT = re.compile(r"\bnot\b.*\bbut\b|, not \w+\W*$", re.IGNORECASE)
_ASIDE = re.compile(
    r"(?:and |but |so )?(?:what|how|where|who|why|which|when|do|does|did|are|is|can|could|would|will|have|has|you"
    r"|any|what's|how's)\b",
    re.IGNORECASE,
)
_COMPANION = re.compile(
    r"(?:^|[,.;:!-] ?|\b(?:and|but|so|because|since|but|yesterday|today|ago|week|month|year|night|weekend"
    r"|day) )(?:(?:my|our) [\w'-]+(?: [\w'-]+){0,2}|[A-Z][a-z]+|me)$",
    re.IGNORECASE,
)
_AND_I = re.compile(r" and i\b", re.IGNORECASE)
_COMPANY = re.compile(r"(?P<company>(?:(?:my|our) )?[\w'-]+(?: [\w'-]+){0,2}) and (?P<rest>i [a-z].*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """``text`` is the content from ``start`` to ``end``; ``before`` is what precedes it in its sentence.

    ``lenient`` says that the speaker writes without capitals, so that a name need not begin with one; ``company`` is
    who else the clause is about ("my wife" of "my wife and I live here", whose text is "I live here"), ``lead`` what
    stood before the subject ("last week" of "last week I moved").
    """

    text: str
    start: int
    end: int
    before: str
    after: str
    corrects: bool
    lenient: bool
    company: str = ""
    lead: str = ""


def split_clauses(sentence: Sentence, *, lenient: bool) -> Iterator[Clause]:
    """The clauses that are stated: of a question only what precedes the asking part."""
    bounds = _bounds(sentence.text)
    if sentence.asks:
        bounds = bounds[:-1] if len(bounds) > 1 and _ASIDE.match(sentence.text, bounds[-1][0]) else []
    for start, end in bounds:
        opener = _OPENER.match(sentence.text, start, end)
        begin = opener.end() if opener else start
        company = _COMPANY.match(sentence.text, begin, end)
        if begin < end and end - begin <= _LONGEST:
            yield _clause(
                sentence,
                company.start("rest") if company else begin,
                end,
                company["company"] if company else "",
                lenient=lenient,
            )


def _clause(sentence: Sentence, begin: int, end: int, company: str, *, lenient: bool) -> Clause:
    before = sentence.text[:begin]
    return Clause(
        text=sentence.text[begin:end],
        start=sentence.start + begin,
        end=sentence.start + end,
        before=before,
        after=sentence.text[end:],
        corrects=_CORRECTION.search(before) is not None or _NOT_BUT.search(sentence.text, begin, end) is not None,
        lenient=lenient,
        company=company,
    )


def _bounds(text: str) -> list[tuple[int, int]]:
    bounds = []
    start = 0
    for border in _BORDER.finditer(text):
        if _COMPANION.search(text, start, border.start()) and _AND_I.match(text, border.start()):
            continue
        if border.start() > start:
            bounds.append((start, border.start()))
        start = border.end()
    if start < len(text):
        bounds.append((start, len(text)))
    return bounds
