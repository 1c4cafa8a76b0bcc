"""Classes of a tenant's own from the command line, on a running stack."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mneme_common.testing.waiting import eventually_blocking
from tests.e2e.conftest import CommandLine, Finished
from tests.fixtures.schemas import BOOK, annotation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Run = Callable[..., Finished]


@pytest.fixture
def ours(mneme: CommandLine) -> Run:
    """The program as a tenant that no other test knows."""
    tenant = f"tenant-{uuid.uuid4().hex[:12]}"
    return lambda *arguments: mneme(*arguments, "--tenant", tenant, "--json")


def written(path: Path, *classes: dict[str, Any]) -> str:
    """A file that defines them."""
    path.write_text(yaml.safe_dump({"classes": list(classes)}))
    return str(path)


def books(ours: Run) -> list[dict[str, Any]]:
    """What is remembered of them."""
    items = ours("list").json["items"]
    return [item["values"] for item in items if item["memory_class"] == "book"]


def test_a_class_is_defined_filled_changed_and_replayed(ours: Run, tmp_path: Path) -> None:
    made = ours("schemas", "create", written(tmp_path / "one.yaml", BOOK)).json
    assert (made["version"], made["status"]) == (1, "active")
    stored = ours("record", "book", "title=Dune", 'tags=["sand"]', "author=Frank Herbert").json
    assert stored["values"] == {"title": "Dune", "tags": ["sand"], "author": "Frank Herbert"}
    assert ours("add", "Book: title dune; pages 412").status == 0
    known = {"title": "dune", "tags": ["sand"], "author": "Frank Herbert", "pages": 412}
    eventually_blocking(lambda: books(ours) == [known], within=60, every=0.3, message="the labelled record is read")

    by_author = BOOK | {"annotation": annotation("author")}
    assert ours("schemas", "create", written(tmp_path / "two.yaml", by_author)).json["status"] == "active"
    done = ours("schemas", "backfill", "2", "--timeout", "60").json["backfill"]
    assert (done["status"], done["users_done"], done["memories_done"], done["collisions"]) == ("done", 1, 1, 0)
    assert ours("record", "book", "author=frank herbert", "pages=500").json["version"] == 4
    assert books(ours) == [known | {"author": "frank herbert", "pages": 500}]
    assert ours("replay", "--verify").json["result"]["equal"] is True


def test_a_guess_is_approved_with_what_identifies_it_after_all(ours: Run, tmp_path: Path) -> None:
    dose = {"name": "dose", "columns": [{"name": "amount", "dtype": "string"}, {"name": "day", "dtype": "date"}]}
    file = tmp_path / "classes.json"
    file.write_text(json.dumps({"classes": [dose]}))
    assert ours("schemas", "create", str(file)).json["status"] == "needs_approval"
    assert ours("schemas", "activate", "1").status == 1
    approved = ours("schemas", "approve", "1", "--identity", "dose=amount,day").json
    assert (approved["status"], approved["classes"][0]["identity_fields"]) == ("active", ["amount", "day"])
    assert [one["status"] for one in ours("schemas", "list").json["items"]] == ["active"]
    assert ours("schemas", "deprecate", "1").json["status"] == "deprecated"
    assert ours("record", "dose", "amount=5 mg").status == 1
    assert ours("schemas", "approve", "1", "--identity", "dose").status == 2
