from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mneme_common.domain.text import terms
from mneme_gateway.search.tokens import SEPARATOR, Tokeniser, term_id

_TEXTS = st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=1, max_size=6)


def _one_by_one(texts: list[str], first: int) -> list[tuple[int, int]]:
    return [(term_id(term), first + number) for number, text in enumerate(texts) for term in terms(text)]


@given(_TEXTS, st.integers(0, 1000))
def test_a_batch_has_the_terms_of_its_texts_in_order(texts: list[str], first: int) -> None:
    found = Tokeniser().tokens(SEPARATOR.join(text.encode() for text in texts), first)
    assert list(zip(found.terms.tolist(), found.documents.tolist(), strict=True)) == _one_by_one(texts, first)


def test_words_of_several_terms_keep_their_place_in_the_text() -> None:
    texts = ["I like 我喜欢 apples, don\u2019t I?", "", "caf\u00e9\u2014bar x''y", "plain"]
    found = Tokeniser().tokens(SEPARATOR.join(text.encode() for text in texts))
    assert list(zip(found.terms.tolist(), found.documents.tolist(), strict=True)) == _one_by_one(texts, 0)


def test_empty_texts_count_as_texts_without_terms() -> None:
    found = Tokeniser().tokens(SEPARATOR.join([b"", b"", b"tree"]))
    assert found.documents.tolist() == [2]
