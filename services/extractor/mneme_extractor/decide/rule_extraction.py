"""The deterministic extractor: clause by clause, what the rules find in an utterance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from mneme_common.domain.vocabulary import ENDED
from mneme_extractor.decide.clauses import Clause, split_clauses
from mneme_extractor.decide.dates import find_when
from mneme_extractor.decide.foreign_words import Ranges, foreign_ranges, inside
from mneme_extractor.decide.memory_classes import CLASSES
from mneme_extractor.decide.modality import asserted
from mneme_extractor.decide.phrases import tidy
from mneme_extractor.decide.rule import Found, Rule
from mneme_extractor.decide.rule_index import RuleIndex
from mneme_extractor.decide.rules import (
    attributes,
    events,
    family,
    forgetting,
    goals,
    identity,
    instructions,
    preferences,
    skills,
    wellbeing,
    work,
)
from mneme_extractor.decide.rules.verbs import ELIDED
from mneme_extractor.decide.sentences import Sentence, split_sentences
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.third_person import retold
from mneme_extractor.decide.utterance import Utterance, has_words, plain, speaks_for_itself

MOST_STATEMENTS = 50
"""Of one message; what comes after is dropped."""

RULES: tuple[Rule, ...] = (
    *identity.RULES,
    *work.RULES,
    *wellbeing.RULES,
    *skills.RULES,
    *attributes.RULES,
    *family.RULES,
    *preferences.RULES,
    *instructions.RULES,
    *goals.RULES,
    *events.RULES,
    *forgetting.RULES,
)
_PROMISING = re.compile(
    r"\b(?:i|i'm|i've|i'll|im|my|we|we're|we've|we'll|our|always|never|ever|please|forget|remember|note|don't"
    r"|do not|call me|keep in mind|unlearn|from now on|from today on|going forward|in (?:the )?future"
    r"|henceforth|(?:your|all) (?:answers|replies|responses))\b",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"\W*(?:(?:i'm |i am )?(?:just |only )?(?:kidding|joking)|jk|psych|not|as if|i wish|s)\W*", re.IGNORECASE
)
"""A sentence that says that the one before it was not meant."""
_SPEAKER = re.compile(r"(?:i|i'm|i've|i'd|i'll|im|we|we're|we've|we'll)\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?:my|our)\b", re.IGNORECASE)
_LED = re.compile(r"(?P<lead>[\w' ]{3,40}?),? (?=(?:i|i'm|i've|i'll|im|we|we're|we've|we'll) )", re.IGNORECASE)


def extract(utterance: Utterance) -> tuple[Statement, ...]:
    """The statements in the order in which they were made, one for each identity; equal utterances give equal ones."""
    if not speaks_for_itself(utterance) or not has_words(utterance.content):
        return ()
    text = plain(utterance.content)
    kept: dict[tuple[str, ...], Statement] = {}
    for statement in _statements(text, utterance):
        identity_of = _identity(statement)
        known = kept.get(identity_of)
        if known is None or known.action != statement.action or not _ends(statement):
            kept.pop(identity_of, None)  # the last word counts, and stands where it was said
            kept[identity_of] = statement
        if len(kept) == MOST_STATEMENTS:
            break
    return tuple(kept.values())


def _statements(text: str, utterance: Utterance) -> Iterator[Statement]:
    foreign = foreign_ranges(text)
    said_on = utterance.occurred_at.date()
    lenient = text.islower()
    for sentence, following in pairwise([*split_sentences(text), None]):
        if sentence is None or (following is not None and _TAKES_BACK.fullmatch(following.text)):
            continue
        if _is_promising(sentence.text) and not inside(foreign, sentence.start):
            for clause, rule, found in _in_sentence(sentence, foreign, said_on, lenient=lenient):
                yield _statement(utterance, clause, rule, found)


def _is_promising(sentence: str) -> bool:
    """Whether any rule could match: spares most sentences the rest."""
    if _PROMISING.search(sentence):
        return True
    return not ELIDED.isdisjoint(sentence.lower().split(maxsplit=4)[:4])


def _in_sentence(
    sentence: Sentence, foreign: Ranges, said_on: date, *, lenient: bool
) -> Iterator[tuple[Clause, Rule, Found]]:
    empty = True
    for clause in split_clauses(sentence, lenient=lenient):
        if not inside(foreign, clause.start):
            for rule, found in _in_clause(clause, said_on):
                empty = False
                yield clause, rule, found
    if empty and not sentence.asks:
        yield from _kept_word_for_word(sentence, lenient=lenient)


def _in_clause(clause: Clause, said_on: date) -> Iterator[tuple[Rule, Found]]:
    forget = forgetting.FORGET_THAT.match(clause.text)
    if forget is None:
        yield from _by_rules(clause, said_on)
        return
    inner = replace(clause, text=forget["fact"], start=clause.start + forget.start("fact"))
    for rule, found in _by_rules(inner, said_on):
        if found.action == "create":
            yield rule, replace(found, action="delete", says=f" asked to forget that {retold(tidy(inner.text))}")


def _by_rules(clause: Clause, said_on: date) -> Iterator[tuple[Rule, Found]]:
    clause = _without_lead(clause, said_on)
    stated: bool | None = None
    for rule in candidates(clause):
        for match in _matches(rule, clause):
            if stated is None and not rule.supposable:
                stated = asserted(clause)
            if stated or rule.supposable:
                for found in rule.build(match, clause, said_on):
                    yield rule, found


def candidates(clause: Clause) -> Sequence[Rule]:
    """The rules that can match a clause with this opening and these letters, in order."""
    if _SPEAKER.match(clause.text):
        return _OF_SPEAKER.candidates(clause.text)
    return (_OF_POSSESSIVE if _POSSESSIVE.match(clause.text) else _OF_OTHERS).candidates(clause.text)


def _matches(rule: Rule, clause: Clause) -> Iterator[re.Match[str]]:
    if rule.anywhere:
        yield from rule.pattern.finditer(clause.text)
    elif match := rule.pattern.match(clause.text):
        yield match


def _without_lead(clause: Clause, said_on: date) -> Clause:
    """ "Last week I moved" is "I moved", led by a time."""
    led = _LED.match(clause.text)
    if led is None:
        return clause
    when = find_when(led["lead"], said_on, past=True)
    if when is None or (when.start, when.end) != (0, len(led["lead"])):
        return clause
    return replace(clause, text=clause.text[led.end() :], start=clause.start + led.end(), lead=led["lead"])


def _kept_word_for_word(sentence: Sentence, *, lenient: bool) -> Iterator[tuple[Clause, Rule, Found]]:
    match = forgetting.KEEP_THAT.match(sentence.text)
    found = forgetting.note(match) if match else None
    if found is not None:
        whole = Clause(sentence.text, sentence.start, sentence.end, "", "", corrects=False, lenient=lenient)
        yield whole, _NOTE, found


def _opening(rule: Rule) -> str:
    """What a clause must begin with for the rule to match at its start: ``i``, ``my``, or anything."""
    source = rule.pattern.pattern.removeprefix("(?:").removeprefix("(?:")
    if rule.anywhere:
        return ""
    if source.startswith(("i ", "i'", "i(", "i|")):
        return "i"
    return "my" if source.startswith(("my ", "my|")) else ""


_OF_OTHERS = RuleIndex(rule for rule in RULES if _opening(rule) == "")
_OF_SPEAKER = RuleIndex(rule for rule in RULES if _opening(rule) in ("", "i"))
_OF_POSSESSIVE = RuleIndex(rule for rule in RULES if _opening(rule) in ("", "my"))
_NOTE = Rule("note.keep", forgetting.KEEP_THAT, lambda _match, _clause, _said_on: ())


def _statement(utterance: Utterance, clause: Clause, rule: Rule, found: Found) -> Statement:
    start = clause.start + found.start
    end = clause.end if found.end is None else clause.start + found.end
    corrected = clause.corrects or rule.corrects
    return Statement(
        action=found.action,
        memory_class=found.memory_class,
        values={"subject": utterance.subject, **found.values},
        content=f"{utterance.speaker}{found.says}.",
        confidence=rule.confidence,
        start=start,
        end=start + len(utterance.content[start:end].rstrip()),
        rule=rule.name,
        tags=("correction",) if corrected and found.action == "create" else (),
    )


def _identity(statement: Statement) -> tuple[str, ...]:
    fields = CLASSES[statement.memory_class].identity
    return (statement.memory_class, *(str(statement.values.get(field, "")).lower() for field in fields))


def _ends(statement: Statement) -> bool:
    return any(str(value).startswith(ENDED) for value in statement.values.values())
