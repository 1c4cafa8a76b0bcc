"""What the speaker does: occupation, employer, studies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.phrases import capitalised, stands_alone, tidy, words
from mneme_extractor.decide.rule import ALSO, AM, Found, Rule, pattern
from mneme_extractor.decide.rules.facts import AND_NOW, NO_LONGER, NOT_BUT, ONLY_BEFORE, ended, fact, name, phrase
from mneme_extractor.decide.rules.occupations import NOT_A_TITLE, OCCUPATIONS

_WORKPLACE = re.compile(
    r"(?:a|an|the|my)(?: [\w'-]+){0,4}? (?:company|hospital|clinic|bank|school|startup|start-up|firm|university"
    r"|college|shop|store|restaurant|cafe|café|bakery|bar|hotel|library|museum|gym|studio|agency|lab|laboratory"
    r"|factory|farm|office|bookstore|bookshop|pharmacy|kindergarten|nonprofit|non-profit|charity|shelter|airport"
    r"|airline|theater|theatre|salon|garage|warehouse|zoo|institute|ministry|government|city|council|newspaper"
    r"|magazine|publisher|consultancy|brewery|winery)\b",
    re.IGNORECASE,
)
_PLACE_OF_WORK = re.compile(
    r"\s+(?:at|for|in|of|with|on|from|who|that|and|by|working|specializing|focusing|here|now)\b|\W*$", re.IGNORECASE
)
_FIELDS = re.compile(
    r"(?:the )?(?P<field>(?:[\w-]+ ){0,2}?(?:tech|it|marketing|finance|sales|education|healthcare|health care"
    r"|retail|hospitality|banking|insurance|construction|advertising|publishing|journalism|logistics|manufacturing"
    r"|agriculture|consulting|hr|human resources|real estate|engineering|research|law|medicine|design|fashion"
    r"|biotech|pharma|security|cybersecurity|politics|media|gaming|film|music|customer service|customer support"
    r"|software|accounting|architecture|academia))\b(?: (?:industry|sector|field|department))?\W*(?:$|at |for "
    r"|and )",
    re.IGNORECASE,
)
_AGE = re.compile(r"^\d+[- ]years?[- ]old ", re.IGNORECASE)
_NO_SUBJECT = re.compile(
    r"(?:for|hard|all|at|in|with|the|this|these|that|it|how|what|so|to|and|abroad|on|a|an|my|every|more|like"
    r"|harder|too|very|up|from|again|late|together|now|today|tonight|right)\b",
    re.IGNORECASE,
)


def _occupation(raw: str, _clause: Clause) -> str | None:
    """ "senior data engineer": the phrase up to a noun that names an occupation, which must end it."""
    tokens = _AGE.sub("", raw).split()[:7]
    titles = [token.strip(",.!;:") for token in tokens]
    for index, title in enumerate(titles[:6]):
        if title.lower() in NOT_A_TITLE:
            return None
        if title.lower() in OCCUPATIONS and _ends_the_title(tokens[index], " ".join(tokens[index + 1 :])):
            return " ".join(titles[: index + 1])
    return None


def _ends_the_title(token: str, rest: str) -> bool:
    following = rest.split(" ", 1)[0].lower().strip(",.!;:") if rest else ""
    if following in OCCUPATIONS and token[-1] not in ",.!;:":
        return False
    return token[-1] in ",.!;:" or _PLACE_OF_WORK.match(" " + rest) is not None or not rest


def _employer(raw: str, clause: Clause) -> str | None:
    workplace = _WORKPLACE.match(raw)
    if workplace and stands_alone(workplace[0]):
        return workplace[0]
    article = re.match(r"the (?=[A-Z])", raw)
    found = name(raw[article.end() :] if article else raw, clause)
    return f"the {found}" if found and article else found


def _employer_of_title(match: re.Match[str], clause: Clause, _said_on: date) -> Iterator[Found]:
    """ "I'm a nurse at Charité" names the employer too; a student's is a school."""
    title, employer = _occupation(match["title"], clause), _employer(match["value"], clause)
    if title and employer and "student" not in title.lower():
        yield Found("profile_fact", {"attribute": "employer", "value": employer}, f" works at {employer}")


def _subject(raw: str, _clause: Clause) -> str | None:
    if _NO_SUBJECT.match(raw):
        return None
    found = tidy(re.split(r"\s+(?:at|in|for|with|on|and i|to become|to be)\b", raw, maxsplit=1)[0])
    return found if found and stands_alone(found) and len(words(found)) <= 5 else None


def _school(raw: str, _clause: Clause) -> str | None:
    article = "the " if raw.lower().startswith("the ") else ""
    found = capitalised(raw[len(article) :])
    return article + found if found else None


def _field(raw: str, _clause: Clause) -> str | None:
    found = _FIELDS.match(raw)
    return found["field"] if found else None


def _degree(raw: str, _clause: Clause) -> str | None:
    found = tidy(re.split(r"\s+(?:from|at)\b", raw, maxsplit=1)[0])
    return found if found and stands_alone(found, most=6) else None


RULES = (
    fact("occupation.is", rf"{AM} {NOT_BUT}(?:an? |the )(?P<value>.+)", "occupation", " is {a} {value}", _occupation),
    fact(
        "occupation.works_as",
        rf"i{ALSO} work {NOT_BUT}as (?:an? |the )?(?P<value>.+)",
        "occupation",
        " works as {a} {value}",
        _occupation,
    ),
    fact(
        "occupation.working_as",
        rf"{AM} working as (?:an? |the )?(?P<value>.+)",
        "occupation",
        " works as {a} {value}",
        _occupation,
    ),
    fact(
        "occupation.job",
        r"my (?:current |day |new )?(?:job|occupation|profession)(?: title)? is (?:an? )?(?P<value>.+)",
        "occupation",
        " is {a} {value}",
        _occupation,
    ),
    fact(
        "occupation.started",
        r"i(?:'ve| have)?(?: just| recently)? (?:started|got|landed|accepted|took)(?: working| a(?: new)?(?: job"
        r"| position| role)?| my new job) as (?:an? |the )?(?P<value>.+)",
        "occupation",
        " works as {a} {value}",
        _occupation,
    ),
    fact("occupation.field", rf"i{ALSO} work in (?P<value>.+)", "field of work", " works in {value}", _field),
    ended(
        "occupation.ended",
        rf"{AM} {ONLY_BEFORE} (?:an? |the )?(?P<value>.+?)(?: anymore| any more| any longer)?\W*$",
        "occupation",
        " is no longer {a} {value}",
        _occupation,
    ),
    fact("employer.at", rf"i{ALSO} work {NOT_BUT}(?:at|for) (?P<value>.+)", "employer", " works at {value}", _employer),
    fact(
        "employer.since",
        r"i(?:'ve| have) (?:worked|been working) (?:at|for) (?P<value>.+? (?:for|since) .+)",
        "employer",
        " works at {value}",
        _employer,
    ),
    fact(
        "employer.now",
        rf"{AND_NOW}work (?:at|for) (?P<value>.+)",
        "employer",
        " works at {value}",
        _employer,
    ),
    Rule(
        "employer.title_at",
        pattern(
            rf"(?:{AM}|i{ALSO} work as|{AM} working as) (?:an? |the )?(?P<title>[\w -]{{3,50}}?) (?:at"
            r"|for) (?P<value>(?:the )?(?-i:[A-Z]).+)"
        ),
        _employer_of_title,
    ),
    fact(
        "employer.working_at",
        rf"{AM} (?:working|employed) (?:at|for|by) (?P<value>.+)",
        "employer",
        " works at {value}",
        _employer,
    ),
    fact(
        "employer.started",
        r"i(?:'ve| have)?(?: just| recently)? (?:joined|started(?: working| work| a(?: new)? job"
        r"| my new job)? (?:at|for)|(?:got|landed) a(?: new)? job (?:at|with)) (?P<value>(?=[A-Z]).+)",
        "employer",
        " works at {value}",
        lambda raw, _clause: capitalised(raw) or None,
        confidence=0.8,
    ),
    ended(
        "employer.ended",
        rf"i {NO_LONGER} work (?:at|for) (?P<value>.+)",
        "employer",
        " no longer works at {value}",
        _employer,
    ),
    fact("studies.field", rf"i{ALSO} (?:study|major in) (?P<value>.+)", "field of study", " studies {value}", _subject),
    fact(
        "studies.studying",
        rf"{AM} (?:studying|majoring in|doing a (?:degree|phd|master's|masters|bachelor's) in) (?P<value>.+)",
        "field of study",
        " studies {value}",
        _subject,
    ),
    fact("studies.major", r"my major(?:'s| is) (?P<value>.+)", "field of study", " studies {value}", phrase),
    fact(
        "studies.school",
        rf"(?:i{ALSO} (?:study|go to school|go to college|go to university)|{AM} (?:studying"
        rf"|an? (?:[\w-]+ )?student))(?: [\w ]{{1,40}}?)? at (?P<value>(?:the )?[A-Z].+)",
        "school",
        " studies at {value}",
        _school,
    ),
    fact(
        "education.graduated",
        r"i(?:'ve| have)?(?: just| recently)? graduated from (?P<value>(?:the )?[A-Z].+)",
        "education",
        " graduated from {value}",
        _school,
    ),
    fact(
        "education.degree",
        r"i(?:'ve got| have|'ve) (?:an? )?(?:[\w']+ )?(?:degree|phd|doctorate|master's|masters|bachelor's"
        r"|diploma) in (?P<value>.+)",
        "degree",
        " has a degree in {value}",
        _degree,
    ),
)
