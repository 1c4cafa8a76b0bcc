"""The client's verbs for the journal, and `mneme chat`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from uuid import uuid4

import pytest

from mneme import ConflictError, Mneme, NotFoundError
from tests.integration.journal.conftest import Journal


def test_the_client_chats_edits_forgets_and_clears(rules_journal: Journal) -> None:
    with Mneme(rules_journal[0].url, user_id=f"user-{uuid4().hex[:12]}") as client:
        turn = client.journal.chat("I live in Lisbon and I work as a nurse.")
        assert [(change.action, change.bucket, change.key) for change in turn.changes] == [
            ("created", "identity", "residence"),
            ("created", "identity", "occupation"),
        ]
        known = {item.key: item for _, item in client.journal.memories()}
        home, job = known["residence"], known["occupation"]
        assert client.journal.edit("identity", home.id, key="home", value="Porto").value == "Porto"
        with pytest.raises(ConflictError):
            client.journal.edit("identity", home.id, key="occupation", value="Porto")
        client.journal.forget("identity", job.id)
        with pytest.raises(NotFoundError):
            client.journal.forget("identity", job.id)
        assert [(bucket, item.key, item.value) for bucket, item in client.journal.memories()] == [
            ("identity", "home", "Porto")
        ]
        assert [message.sender for message in client.journal.messages()] == ["user", "bot"]
        assert client.journal.clear().memories_cleared == 1
        assert list(client.journal.messages()) == []


def _chat(url: str, *arguments: str, typed: str = "") -> list[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MNEME_")}
    done = subprocess.run(
        [sys.executable, "-m", "mneme_cli.main", "chat", *arguments],
        env=environment | {"MNEME_URL": url, "MNEME_USER": f"user-{uuid4().hex[:12]}"},
        input=typed,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_lines_that_are_typed_are_answered_until_the_end(rules_journal: Journal) -> None:
    typed = "I live in Lisbon.\n\nWhere do I live?\n/memory\n/forget residence\n/memory\n/quit\nnever sent\n"
    lines = _chat(rules_journal[0].url, "--json", typed=typed)
    told, asked, known, forgotten, after = map(json.loads, lines)
    assert told["memory_changes"][0]["value"] == "Lisbon"
    assert "Lisbon" in asked["response"]
    assert known["identity"][0]["key"] == "residence"
    assert (forgotten, after["identity"]) == ({"forgotten": ["identity/residence"]}, [])


def test_one_message_is_answered_in_words(rules_journal: Journal) -> None:
    assert _chat(rules_journal[0].url, "Where do I live?") == ["I know nothing about that yet."]
