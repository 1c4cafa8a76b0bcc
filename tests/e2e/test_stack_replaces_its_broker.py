"""The embedded broker, which keeps all it was given, is replaced while messages come in."""

from __future__ import annotations

from pathlib import Path

import httpx
import psycopg
import pytest

from mneme_common.testing.waiting import eventually_blocking
from mneme_launcher.postgres import PostgresServer
from tests.fixtures.stacks import StackProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MESSAGES = 200
_FILLING = "as the river runs " * 4_000


def _send(stack: StackProcess, client: httpx.Client, number: int) -> None:
    body = {"user_id": "ada", "conversation_id": "c", "role": "user", "content": f"heron{number} {_FILLING}"}
    headers = {"Prefer": "wait=0", "Idempotency-Key": f"heavy-{number}"}

    def accepted() -> bool:
        return client.post(f"{stack.url}/v1/messages", json=body, headers=headers).status_code in {201, 202}

    eventually_blocking(accepted, within=60, every=0.2)


def _recorded(home: Path) -> tuple[int, int]:
    """How many messages are recorded, and how many different ones."""
    with psycopg.connect(PostgresServer(home / "postgres").superuser_url("mneme")) as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT content) FROM messages").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def test_a_heavy_broker_is_replaced_and_every_message_is_there(home: Path, free_port: int) -> None:
    with StackProcess(home, free_port, MNEME_BROKER_MEMORY_MIB="32") as stack, httpx.Client(timeout=30) as client:
        stack.start()
        for number in range(MESSAGES):
            _send(stack, client, number)
        eventually_blocking(lambda: "the broker is replaced" in stack.shown, within=120, every=0.1)
        eventually_blocking(lambda: _recorded(home) == (MESSAGES, MESSAGES), within=120, every=0.2)
