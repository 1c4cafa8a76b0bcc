"""`mneme import` against a server that misbehaves: it waits, repeats under the same keys, keeps each user in order."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.scripted_http import Reply, Request, as_json, scripted_server

BATCH = "/v1/messages/batch"
NOW = "2026-01-31T12:00:00Z"
HEALTH = {"status": "ok", "timestamp": NOW, "stages": []}


class Server:
    """Records messages, after the troubles that it is given have been met one by one."""

    def __init__(self, *troubles: Reply) -> None:
        self.troubles = list(troubles)
        self.keys: list[str] = []
        self.recorded: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Reply:
        if request.path == "/healthz":
            return as_json(HEALTH)
        assert request.path == BATCH, request.path
        self.keys.append(request.headers["idempotency-key"])
        if self.troubles:
            return self.troubles.pop(0)
        return self.take(request.json["messages"])

    def take(self, messages: list[dict[str, Any]]) -> Reply:
        """Records them all."""
        self.recorded += messages
        created = [
            {"id": f"m-{number}", "role": "user", "content": message["content"], "created_at": NOW}
            for number, message in enumerate(messages)
        ]
        return as_json({"created": created, "position": 1}, 201)


class Picky(Server):
    """Refuses a whole batch for one bad message, as a schema does."""

    def take(self, messages: list[dict[str, Any]]) -> Reply:
        if any(message["role"] == "tool" for message in messages):
            return _error(422, "VALIDATION_ERROR", "messages.0.role: no such role")
        return super().take(messages)


def _error(status: int, code: str, message: str = "No.", **headers: str) -> Reply:
    described = {"code": code, "message": message, "request_id": "r", "timestamp": NOW}
    return as_json({"detail": message, "error": described}, status, **headers)


Import = Callable[..., Any]


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Imports messages into a server; status, result or None, and what was said on stderr."""
    file = tmp_path / "messages.jsonl"

    async def run(server: Server, messages: list[dict[str, Any]], *options: str) -> tuple[int, Any, str]:
        file.write_text("\n".join(map(json.dumps, messages)))
        async with scripted_server(server) as scripted:
            process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    "mneme_cli.main",
                    "import",
                    str(file),
                    "--json",
                    "--url",
                    scripted.url,
                    *options,
                ),
                env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            out, err = await process.communicate()
        return process.returncode or 0, json.loads(out) if out else None, err.decode()

    return run


def _messages(count: int, users: int = 1) -> list[dict[str, Any]]:
    return [
        {"role": "user", "content": f"message {number}", "user_id": f"u{number % users}"} for number in range(count)
    ]


@pytest.mark.parametrize(
    "trouble",
    [_error(429, "TOO_MANY", Retry_After="1"), _error(503, "OUTCOME_UNKNOWN"), Reply(dropped=True)],
    ids=["429", "503", "dropped"],
)
async def test_a_batch_that_meets_trouble_is_sent_again_under_its_key(imported: Import, trouble: Reply) -> None:
    server = Server(trouble, trouble)
    status, result, _ = await imported(server, _messages(150))
    times = sorted(Counter(server.keys).values())
    assert (status, result["recorded"], times) == (0, 150, [1, 3])


async def test_each_users_messages_are_sent_in_the_order_of_the_file(imported: Import) -> None:
    server = Server()
    await imported(server, _messages(1_000, users=12))
    for user in range(12):
        said = [message["content"] for message in server.recorded if message["user_id"] == f"u{user}"]
        assert said == [f"message {number}" for number in range(user, 1_000, 12)]


async def test_one_user_takes_all_with_the_option(imported: Import) -> None:
    server = Server()
    await imported(server, _messages(24, users=12), "--user", "ada")
    assert {message["user_id"] for message in server.recorded} == {"ada"}


async def test_a_bad_message_costs_its_neighbours_nothing(imported: Import) -> None:
    messages = _messages(5)
    messages[2]["role"] = "tool"
    status, result, _ = await imported(Picky(), messages)
    assert (status, result["recorded"], [item["place"] for item in result["refused"]]) == (1, 4, ["line 3"])


async def test_a_refusal_of_the_caller_ends_the_import_at_once(imported: Import) -> None:
    server = Server(*[_error(401, "UNAUTHORIZED", "No such key.")] * 50)
    status, result, said = await imported(server, _messages(500))
    assert (status, result, "No such key." in said, len(server.keys)) == (1, None, True, 1)


async def test_a_clock_that_is_ahead_does_not_make_new_messages_old(imported: Import) -> None:
    _, result, _ = await imported(Server(), _messages(3))
    assert (result["recorded"], result["already_there"]) == (3, 0)
