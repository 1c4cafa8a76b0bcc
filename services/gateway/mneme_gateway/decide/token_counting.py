"""How many tokens a text is taken for, without a model's tokenizer (features.md, Part 4, item 6)."""

from __future__ import annotations

TOKENIZER = "utf8-bytes/4"
"""A token for every four bytes of UTF-8, the last one begun counting whole."""

_BYTES_A_TOKEN = 4


def tokens_of_bytes(count: int) -> int:
    """ceil(count / 4)."""
    return -(-count // _BYTES_A_TOKEN)


def tokens_of(text: str) -> int:
    """The tokens of a text."""
    return tokens_of_bytes(len(text.encode()))
