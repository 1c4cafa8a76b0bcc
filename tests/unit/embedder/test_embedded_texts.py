"""Which text stands for a record."""

from __future__ import annotations

import hashlib

from mneme_embedder.decide.texts import content_hash, message_text


def test_a_named_speaker_stands_before_what_was_said() -> None:
    assert message_text("Caroline", "I moved to Berlin.") == "Caroline: I moved to Berlin."


def test_what_was_said_stands_alone_without_a_name() -> None:
    assert message_text(None, "I moved to Berlin.") == "I moved to Berlin."


def test_the_hash_of_a_text_is_its_sha_256() -> None:
    assert content_hash("größer") == hashlib.sha256("größer".encode()).hexdigest()
