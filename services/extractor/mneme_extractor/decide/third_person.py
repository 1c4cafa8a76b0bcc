"""The speaker's words, told by somebody else: "my dog" becomes "their dog"."""

from __future__ import annotations

import re

from mneme_extractor.decide.vocabulary import alternatives

_FORMS = {
    "i am": "they are",
    "i'm": "they're",
    "i was": "they were",
    "i've": "they've",
    "i'd": "they'd",
    "i'll": "they'll",
    "i": "they",
    "me": "them",
    "my": "their",
    "mine": "theirs",
    "myself": "themselves",
    "we are": "they are",
    "we're": "they're",
    "we've": "they've",
    "we'd": "they'd",
    "we'll": "they'll",
    "we": "they",
    "us": "them",
    "our": "their",
    "ours": "theirs",
    "ourselves": "themselves",
}
_FIRST_PERSON = re.compile(r"(?<![\w'])(?:" + alternatives(_FORMS) + r")(?![\w'])", re.IGNORECASE)
_IRREGULAR = {"have": "has", "am": "is", "do": "does", "go": "goes"}
_HISSING = ("s", "sh", "ch", "x", "z", "o")


def retold(text: str) -> str:
    """The text with every first person turned into the third ("US" and "I" as an initial stay)."""
    return _FIRST_PERSON.sub(_retell, text)


def _retell(match: re.Match[str]) -> str:
    word = match[0]
    if word == "US" or (word == "I" and match.string[match.end() : match.end() + 1] == "."):
        return word
    return _FORMS[word.lower()]


def conjugated(verb: str) -> str:
    """The present tense of the third person: love, loves."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(_HISSING):
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"
