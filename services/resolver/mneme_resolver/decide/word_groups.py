"""Words that are used for one another, and words that turn one statement into another. English, everyday."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mneme_common.domain.text import term

_GROUPS = """
answer reply respond response
buy bought purchase
begin began begun start
finish complete
travel trip go goes went gone going visit attend
movie film
television tv telly
photo photograph picture pic
child kid children
bicycle bike
automobile car
apartment flat
vacation holiday
puppy pup dog
kitten kitty cat
short brief concise
emoji emoticon smiley
email mail
doctor physician
phone cellphone smartphone
big large
small little
quick fast
sofa couch
autumn fall
daily everyday
summarise summarize summary
learn study
run ran
write wrote written
eat ate eaten
drink drank drunk
see saw seen
meet met
sell sold
fly flew flown
drive drove driven
swim swam swum
win won
break broke broken
teach taught
sing sang sung
make made
give gave given
speak spoke spoken
become became
build built
lose lost
leave left
mum mom mother mommy mummy mama
dad father daddy papa
colour color
favourite favorite
neighbour neighbor
theatre theater
centre center
programme program
organise organize
recognise recognize
apologise apologize
analyse analyze
grey gray
jewellery jewelry
honour honor
flavour flavor
humour humor
behaviour behavior
traveller traveler
tyre tire
grandmother grandma granny nana gran
grandfather grandpa granddad grandad
fiancé fiance fiancée fiancee
colleague coworker
roommate flatmate housemate
"""


def _grouped(text: str) -> Mapping[str, str]:
    """Each term with the term that stands for its group; a word in two groups joins them."""
    leader: dict[str, str] = {}
    for line in text.strip().splitlines():
        members = [term(word) for word in line.split() if term(word)]
        leaders = {leader[member] for member in members if member in leader}
        first = members[0] if not leaders else min(leaders)
        for member in [*members, *(known for known, led in leader.items() if led in leaders)]:
            leader[member] = first
    return leader


GROUP_OF: Mapping[str, str] = _grouped(_GROUPS)
"""Term → the term of its group."""

_PHRASES = {
    "give up": "stop",
    "giving up": "stop",
    "gave up": "stop",
    "given up": "stop",
    "refrain from": "avoid",
    "science fiction": "scifi",
    "sci-fi": "scifi",
    "at all times": "always",
    "no longer": "not",
    "make sure to": "",
    "make sure that": "",
    "from now on": "",
    "is called": "",
    "is named": "",
    "are called": "",
    "the name of": "",
    "learn to play": "learn",
    "learning to play": "learn",
    "the user's": "my",
    "the user": "me",
    "phone number": "phonenumber",
    "per day": "daily",
    "every day": "daily",
    "each day": "daily",
    "per week": "weekly",
    "every week": "weekly",
    "each week": "weekly",
}
_PHRASE = re.compile(r"(?<![\w'])(?:" + "|".join(sorted(_PHRASES, key=len, reverse=True)) + r")(?![\w'])")
_GOING = re.compile(r"(?<![\w'])(?:going|go) (?=[a-z]+ing\b)")


def joined(text: str) -> str:
    """The text, in lower case, with phrases that stand for one word put as that word."""
    plain = _GOING.sub("", text.replace("\u2019", "'"))
    return _PHRASE.sub(lambda phrase: _PHRASES[phrase[0]], plain)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIVE = _words("never not no don't avoid stop quit cease")
"""Words that deny."""
POSITIVE = _words("always please only do kindly ever")
"""Words that affirm, and change nothing."""
TELLING = _words(
    "before after until till without except against under over above below off out down between beyond"
    " more less fewer least most than instead"
)
"""Small words without which the statement is another one."""
OPENERS = _words(
    "in at on with by for near from to into before after during until till around about next this every each while"
    " because as through across together when if unless"
)
"""Words with which a statement goes on after it could have ended."""
LIGHT = frozenset(term(word) for word in _words("use take took taken get got gotten keep kept let thing kind sort lot"))
"""Verbs and nouns that carry the words beside them."""

AMOUNT = "#"
"""Stands for an amount where any will do."""
_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
)
AMOUNTS: Mapping[str, str] = {word: str(number) for number, word in enumerate(_NUMBERS.split()) if number != 1} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "hundred": "100",
    "thousand": "1000",
    "once": "1",
    "twice": "2",
}
"""Number words and what they amount to; "one" is a pronoun too often."""
