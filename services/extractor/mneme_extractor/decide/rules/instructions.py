"""How the speaker wants to be served: rules for the assistant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.phrases import words
from mneme_extractor.decide.rule import Found, Rule, pattern
from mneme_extractor.decide.third_person import retold

_DO = (
    "answer|reply|respond|use|write|format|address|call me|call us|refer to|speak|talk|include|show|explain|ask"
    "|check|start|begin|end|keep|cite|quote|provide|give|add|remind|tell|send|translate|summari[sz]e|put|return"
    "|output|follow|stick to|mention|assume|suggest|recommend|offer|make|book|order|schedule|say|repeat"
    "|apologi[sz]e|interrupt|share|store|save|delete|send|round|convert|list|number|name|sign|wrap|prefer|avoid"
    "|be|do|generate|create|commit|push|run|test|import|indent|document|comment|confirm|verify|double-check|warn"
    "|notify|message|email|contact|disturb|wake|text|spell|capitali[sz]e|lie|guess|speculate|hallucinate|flatter"
    "|lecture|change|touch|edit|modify|remove"
)
_FOR_THE_ASSISTANT = re.compile(
    r"\b(?:me|us|my|our|answers?|repl(?:y|ies)|responses?|respond|emojis?|bullet|points?|lists?|tables?|markdown"
    r"|code|comments?|python|rust|java\w*|type|hints|units?|metric|celsius|kilometers|format|tone|formal|informal"
    r"|brief|concise|short|language|english|german|french|spanish|sources?|citations?|voice|style|links?"
    r"|sentences?|words?|paragraphs?|summar\w+|jargon|tabs|spaces|slang|caps|capital|tests?|files?|branch|commit"
    r"|examples?|step|steps|messages?|emails?|meetings?|calendar|before|without|unless|recommend|suggest"
    r"|docstrings?|variables?|functions?|headings?|dates?|questions?|text|output|json|yaml|xml|html|css|sql"
    r"|currency|euros?|dollars?|time|zone|24-hour|polite\w*|honest|apologi[sz]e|sorry)\b",
    re.IGNORECASE,
)
_ENCOURAGEMENT = re.compile(
    r"\b(?:give up|worry|forget|stop believing|be yourself|be afraid|be scared|mind|hesitate|be a stranger"
    r"|keep (?:going|it up|pushing|fighting|smiling)|say never|doubt|take (?:it|care)|be there|let (?:it|anything"
    r"|anyone)|hold back|lose|underestimate|gets? old|you)\b",
    re.IGNORECASE,
)
_ADDRESSES = re.compile(
    r"\W*(?:(?:please|always|never|don't|do not|from now on|when|whenever|if|for|also|and|but|ok|okay|hey|hi|hello"
    r"|assistant|thanks|in|you|make sure|use|answer|be|keep|write)\b.*|\w+,\s*)?$",
    re.IGNORECASE | re.DOTALL,
)
"""What may precede an instruction in its sentence; in "they laugh and always remind me" there is a subject."""
_OBJECT = re.compile(r"\b(?:me|my)\b", re.IGNORECASE)
_MOST = 30


def _rule(match: re.Match[str], clause: Clause, said_on: date) -> Iterator[Found]:
    """A rule about something that an assistant does; people say "always" to each other too."""
    if _FOR_THE_ASSISTANT.search(match["rule"]):
        yield from _lasting(match, clause, said_on)


def _lasting(match: re.Match[str], clause: Clause, _said_on: date) -> Iterator[Found]:
    if not _ADDRESSES.match(clause.before):
        return
    stated = f"{_condition_before(clause)}{match['rule']}{_condition(clause)}".strip(" \t.!,;:\"'”")
    if not 2 <= len(words(stated)) <= _MOST or _ENCOURAGEMENT.search(stated):
        return
    kept = stated.removesuffix(" please")
    kept = kept[0].lower() + kept[1:] if kept[1:2].islower() else kept
    kept = retold(_OBJECT.sub(lambda me: "the user's" if me[0].lower() == "my" else "the user", kept))
    yield Found("rule", {"rule": kept}, f" wants the assistant to follow this rule: {kept}")


def _condition_before(clause: Clause) -> str:
    found = re.search(r"\b(?:when|whenever|if)\b.*,\s*$", clause.before, re.IGNORECASE)
    return found[0].strip() + " " if found else ""


def _condition(clause: Clause) -> str:
    """The rest of the sentence belongs to the rule, when it says under which condition the rule holds."""
    return (
        clause.after
        if re.match(r"[,\s]*(?:when|whenever|if|unless|before|after|until|while)\b", clause.after, re.IGNORECASE)
        else ""
    )


_LEAD = r"(?:please,? )?"

RULES = (
    Rule("rule.always", pattern(rf"{_LEAD}(?P<rule>always (?:{_DO})\b.*)"), _rule, supposable=True),
    Rule(
        "rule.never",
        pattern(rf"{_LEAD}(?P<rule>(?:never|don't ever|do not ever) (?:{_DO})\b.*)"),
        _rule,
        supposable=True,
    ),
    Rule(
        "rule.please_dont",
        pattern(rf"please,? (?P<rule>(?:don't|do not|stop|avoid|refrain from) (?:{_DO}|\w+ing)\b.*)"),
        _rule,
        supposable=True,
    ),
    Rule(
        "rule.from_now_on",
        pattern(
            r"(?:from now on|from here on|going forward|from today on|in (?:the )?future"
            r"|henceforth),? (?:please,? )?(?:you (?:must|should|will|may) )?(?P<rule>(?:always |never |only "
            rf"|don't |do not |stop )*(?:{_DO}|\w+ing)\b.*)"
        ),
        _lasting,
        supposable=True,
    ),
    Rule(
        "rule.from_now_on_last",
        pattern(
            rf"{_LEAD}(?P<rule>(?:always |never |only |don't |do not )*(?:{_DO}|stop \w+ing)\b.*?),? (?:from now on"
            r"|going forward|in (?:the )?future)\W*$"
        ),
        _lasting,
        supposable=True,
    ),
    Rule(
        "rule.answers",
        pattern(
            rf"{_LEAD}(?P<rule>(?:keep|make|write) (?:your|all) (?:answers|replies|responses) .+"
            r"|(?:be|use|give|write)\b.{2,60} in (?:your|all) (?:answers|replies|responses)\b.*)"
        ),
        _lasting,
        supposable=True,
    ),
    Rule(
        "rule.want",
        pattern(r"(?:i (?:want|need|expect|would like)|i'd like) you to (?P<rule>(?:always|never|only) .+)"),
        _rule,
        supposable=True,
    ),
    Rule(
        "rule.you_must",
        pattern(rf"you (?:must|should|have to|need to) (?P<rule>(?:always|never) (?:{_DO})\b.*)"),
        _rule,
        supposable=True,
    ),
    Rule(
        "rule.make_sure",
        pattern(rf"{_LEAD}(?:make sure|be sure|remember) to (?P<rule>always (?:{_DO})\b.*)"),
        _rule,
        supposable=True,
    ),
)
