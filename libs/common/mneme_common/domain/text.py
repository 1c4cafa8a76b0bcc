"""Text as index terms: lower-cased, without stop words, stemmed (Porter 2); records and queries alike.

Words are runs of letters, digits and the marks that belong to them, in any script; apostrophes inside a
word stay. Scripts written without spaces (Chinese, Japanese, Thai and their neighbours) are cut into
overlapping pairs of characters. Accents, Hebrew points and Arabic vowel signs do not tell terms apart.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

from mneme_common.domain.stop_words import STOP_WORDS

_ACCENTS = "\u0300-\u036f"
# Vowel signs and points are no letters to Python's \w, but do not end a word (Hebrew, Arabic, Indic scripts).
_MARKS = (
    _ACCENTS + "\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0963\u0971-\u0df3\u0f18-\u0f3f\u0f71-\u0fbc"
    "\u200c\u200d"
)
_WORD = re.compile(rf"[^\W_][{_MARKS}]*(?:['\u2019]?[^\W_][{_MARKS}]*)*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# Written or left out at will: accents, Hebrew points, Arabic vowel signs, joiners.
_OPTIONAL_MARK = re.compile(f"[{_ACCENTS}\u0591-\u05bd\u05bf\u05c1-\u05c7\u064b-\u0652\u0670\u200c\u200d]")
_CONTRACTED = frozenset({"s", "re", "ve", "ll", "d", "m", "t"})
_TERM_LENGTH_MAX = 64
_CACHED_WORDS = 65_536


def terms(text: str) -> list[str]:
    """The index terms of a text, in order and with repetitions."""
    return [found for word in words(text) if (found := term(word))]


def words(text: str) -> list[str]:
    """The case-folded words of a text; a NUL character separates like a space."""
    if not text.isascii():
        text = _UNSPACED.sub(_pairs, unicodedata.normalize("NFKC", text))
    return _WORD.findall(text.casefold())


def first_bytes(text: str, limit: int) -> str:
    """The first ``limit`` bytes of the text as UTF-8, without half a character at the end."""
    raw = text.encode()
    return text if len(raw) <= limit else raw[:limit].decode(errors="ignore")


@lru_cache(maxsize=_CACHED_WORDS)
def term(word: str) -> str:
    """The index term of a case-folded word; empty when the word carries no content."""
    word = _without_contraction(word.replace("\u2019", "'"))
    if word in STOP_WORDS:
        return ""
    return _unaccented(_stem(word))[:_TERM_LENGTH_MAX]


def forget_words() -> None:
    """Keeps no word in memory that was met so far."""
    term.cache_clear()


def _pairs(run: re.Match[str]) -> str:
    characters = run.group()
    pairs = [characters[i : i + 2] for i in range(len(characters) - 1)]
    return f" {' '.join(pairs or [characters])} "


def _without_contraction(word: str) -> str:
    """``what's`` is ``what``, ``don't`` and its like are ``not``, ``o'brien`` stays."""
    if word.endswith("n't"):
        return "not"
    head, apostrophe, tail = word.rpartition("'")
    return head if apostrophe and tail in _CONTRACTED else word


def _unaccented(word: str) -> str:
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _OPTIONAL_MARK.sub("", unicodedata.normalize("NFD", word)))


_stemmers = threading.local()


def _stem(word: str) -> str:
    """A stemmer must not be used by two threads at once, so each thread has its own."""
    stemmer = getattr(_stemmers, "english", None)
    if stemmer is None:
        stemmer = _stemmers.english = Stemmer.Stemmer("english", 0)
    stemmed: str = stemmer.stemWord(word)
    return stemmed
