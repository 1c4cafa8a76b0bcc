"""Who speaks, by the words of their names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mneme_common.domain.text import term, words
from mneme_gateway.search.documents import Codes, Flags, Labels

_NAME_LENGTH_MIN = 2


class SpeakerNames:
    """From a word to the codes of the speakers who have it in their name. Grows, and is never wrong for it."""

    def __init__(self) -> None:
        self._codes: dict[str, set[int]] = {}
        self._seen = 0

    def add(self, names: Codes, labels: Labels) -> None:
        """Takes in the names of the documents that came since."""
        for code in np.unique(names[self._seen :]).tolist():
            for word in words(labels.texts[code]):
                if len(word) >= _NAME_LENGTH_MIN and term(word):
                    self._codes.setdefault(word, set()).add(code)
        self._seen = len(names)

    def heard(self, asked: list[str], names: Codes, live: Flags) -> Mapping[str, set[int]]:
        """Those of the words that name somebody who speaks in a live document, with the codes of those speakers."""
        found = {word: self._codes[word] for word in asked if word in self._codes}
        present = {code for code in set().union(*found.values()) if bool(np.any(live & (names == code)))}
        return {word: codes & present for word, codes in found.items() if codes & present}
