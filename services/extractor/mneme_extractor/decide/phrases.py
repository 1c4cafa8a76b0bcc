"""Phrases cut out of a clause: tidied at their ends, refused where they cannot stand alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mneme_extractor.decide.vocabulary import vocabulary

_WORD = re.compile(r"[\w][\w'&./+#-]*")
_ITEM = r"[\w'-]+(?: [\w'-]+){0,3}?"
_LIST = re.compile(rf"(?P<list>{_ITEM}(?:, {_ITEM})+,? (?:and|or) {_ITEM})[\s.!~)]*")
_OPENING = " \t'\"“”*_("
_TOKEN = re.compile(
    r"[\s\"“(*_]*(?P<bare>[^\s.,;:!?…)\"”*(][^\s,;:!?…)\"”*(]*(?<![.]))(?P<mark>[.,;:!?…)\"”*]*)(?=\s|$)"
)
_TAIL = re.compile(
    r"(?:[\s,.;:!?…~*_\"“”)\]-]|(?<=\s)(?:too|also|now|a lot|lots|so much|very much|as well|these days|right now"
    r"|at the moment|currently|though|tho|lol|haha|hahaha|btw|by the way|you know|of course|anyway|anyways|really"
    r"|right|tbh|honestly|again|already|actually|in general|generally|more than anything|the most|most of all"
    r"|all the time|please|thanks|thank you|and|but|or|so|because|'cause|obviously|xd|anymore|any more|any longer"
    r"|no more|nowadays|as you know|at least|for sure|myself|instead|more|best|just|always|still))+$",
    re.IGNORECASE,
)
_LISTED_ON = re.compile(
    rf"(?!, (?:like|such|including|maybe|especially)\b)(?:, {_ITEM})+?,? (?:and|or) {_ITEM}(?=[\s.!~)]*$|[,;:!?.] )"
)
"""Further items of a list, which belong to the phrase."""
_HEAD = re.compile(r"^(?:also|just|really|basically|actually) ", re.IGNORECASE)
_AFTERTHOUGHT = re.compile(
    r"\s*(?:[,;:!?…]\s|\.{2,}|\s[\u2013—-]+\s|\s(?:(?:but|because|'cause|cause|since|although|though|while|whereas"
    r"|which|who|where|even though|so that|so i|as long as|as i|as it|and (?:it|it's|that|that's|this|they|he|she"
    r"|we|you|i|i'm|im|i've|i'd|now|then|so|also|have|am|was|can|will|there|my)|especially|particularly"
    r"|in order to|when|whenever|if|after|before|until|as soon as|ever since)\s|and (?:wow|boy|man)\b))",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"\b(?:a|an) [\w-]+$", re.IGNORECASE)
_DANGLING = re.compile(
    r"\b(?:it|it's|that|that's|this|these|those|them|they|him|her|she|he|you|your|yours|you're|u|ya|here|there|one"
    r"|ones|someone|something|somewhere|anything|everything|stuff|thing|things|so|such|both|same|another|other"
    r"|others)\b",
    re.IGNORECASE,
)
_CONNECTING = vocabulary("of am an de del la le les los las du di da der den im al el and the upon on in sur")
_NOT_A_NAME = vocabulary(
    "i i'm i've i'd i'll im it he she we you they my your his her our their the a an and but or so if no yes not "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
    "september october november december god ok okay wow hey hi lol this that what when who how why where "
    "christmas easter mr mrs ms dr is are was were has had will would can does did"
)


def words(text: str) -> list[str]:
    """The words, without the punctuation around them."""
    return _WORD.findall(text)


def tidy(text: str, *, whole_lists: bool = False) -> str:
    """The phrase without an afterthought, trailing adverbs and punctuation; empty when that would cut it in two.

    With ``whole_lists`` the further items of a list belong to it ("ski, hike and swim").
    """
    cut = _AFTERTHOUGHT.search(text)
    listing = _LISTED_ON.match(text, cut.start()) if cut and whole_lists else None
    if cut and listing and not _DANGLING.search(listing[0]):
        cut = _AFTERTHOUGHT.search(text, listing.end())
    if cut and cut[0][0] == "," and _UNFINISHED.search(text, 0, cut.start()):
        return ""  # "a safe, inviting place": the noun is still to come
    kept = _HEAD.sub("", _TAIL.sub("", text[: cut.start()] if cut else text)).strip(" \t*_(")
    if kept.count('"') % 2:
        kept = kept[1:] if kept.startswith('"') else f'{kept}"'
    return kept


def stands_alone(text: str, *, most: int = 12) -> bool:
    """Whether the phrase says what it is about without its surroundings, in at most so many words."""
    return 0 < len(words(text)) <= most and _DANGLING.search(text) is None and len(text) <= 160


def capitalised(text: str, *, most: int = 5) -> str:
    """The run of capitalised words at the start, with what connects them ("Frankfurt am Main"); empty without one."""
    end = count = 0
    connecting = False
    for match in _TOKEN.finditer(text):
        bare = match["bare"].removesuffix("'s")
        if bare[0].isupper() and bare.lower() not in _NOT_A_NAME and count < most:
            end, count, connecting = match.start("bare") + len(bare), count + 1, False
        elif count and not connecting and bare in _CONNECTING:
            connecting = True
        else:
            break
        if len(bare) < len(match["bare"]) or (match["mark"] and not _initial(match)):
            break
    return text[:end].lstrip(_OPENING)


def _initial(match: re.Match[str]) -> bool:
    """Whether the dot belongs to the name: "J. K. Rowling", "St. Louis"."""
    return match["mark"] == "." and len(match["bare"]) <= 2


def listed(text: str) -> Iterator[str]:
    """The items of "a, b and c", tidied; without commas the phrase is one item ("rock and roll")."""
    whole = _LIST.fullmatch(text)
    for item in re.split(r",\s*(?:and |or )?|\s+(?:and|or) ", whole["list"]) if whole else [text]:
        yield tidy(item)
