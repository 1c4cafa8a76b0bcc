"""`mneme eval` against a running stack: the whole way from a file to tables and an artefact."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CommandLine
from tests.fixtures.dialogue import DIALOGUE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def dialogue(tmp_path: Path) -> Path:
    """A dialogue whose documents no other test has told, with two adversarial questions."""
    absent = {"question": "Which submarine does Ines own?", "evidence": ["D1:1"], "category": 5}
    sample: dict[str, Any] = {**DIALOGUE[0], "sample_id": f"conv-{tmp_path.name[-24:]}"}
    path = tmp_path / "dialogue.json"
    path.write_text(json.dumps([{**sample, "qa": [*sample["qa"], absent]}]))
    return path


def test_an_evaluation_measures_ranking_packs_latency_and_baselines(mneme: CommandLine, dialogue: Path) -> None:
    artefact = dialogue.parent / "out" / "first.json"
    done = dataclasses.replace(mneme, user="")("eval", str(dialogue), "--min-score", "0", "--out", str(artefact))
    assert done.status == 0, done.err
    found = json.loads(artefact.read_text())
    assert found["shared"] is False
    assert (found["documents"], found["asked"], found["overall"]["questions"]) == (24, 9, 8)
    assert set(found["by_category"]) == {"1", "2", "3", "4", "5"}
    assert set(found["baselines"]) == {"bm25", "dense", "rrf"}
    assert {"recall@5", "recall@10", "recall@20", "recall@50", "all@10", "MRR", "nDCG@10"} <= set(found["overall"])
    assert found["overall"]["recall@50"] == 1.0  # there are only 24 documents
    assert found["overall"]["survival@2000"] == 1.0
    assert set(found["latency_ms"]) == {"p50", "p95", "mean", "max"}
    first = found["questions"][0]
    assert (first["relevant"][0].endswith("/D1:5"), set(first["packs"])) == (True, {"500", "1000", "2000"})
    assert [part for part in ("recall@10", "baseline rrf", "token budget", "search: p50") if part not in done.out] == []


def test_evaluations_repeat_and_can_be_compared(mneme: CommandLine, dialogue: Path) -> None:
    files = [str(dialogue.parent / name) for name in ("one.json", "two.json")]
    for file, options in zip(files, ([], ["--profile", "bm25"]), strict=True):
        done = mneme("eval", str(dialogue), "--no-baselines", "--no-packs", "--shared", "--out", file, *options)
        assert done.status == 0, done.err
    same = mneme("eval", "--compare", files[0], files[0], "--json").json
    assert {change["difference"] for change in same["changes"].values()} == {0.0}
    other = mneme("eval", "--compare", *files)
    assert (other.status, bool(re.search(r"recall@10 +\d", other.out)), "over 8 questions" in other.out) == (
        0,
        True,
        True,
    )


def test_memories_count_for_the_messages_they_came_from(mneme: CommandLine, dialogue: Path) -> None:
    done = mneme(
        "eval", str(dialogue), "--no-baselines", "--kind", "memory", "--kind", "message", "--min-score", "0", "--json",
        "--out", str(dialogue.parent / "both.json"),
    )  # fmt: skip
    assert done.status == 0, done.err
    assert done.json["overall"]["recall@50"] == 1.0


@pytest.mark.parametrize(
    ("content", "complaint"),
    [('[{"role": "user", "content": "x"}]', "expected LoCoMo"), ('[{"conversation": {}, "qa": []}]', "no questions")],
)
def test_a_file_that_is_no_dataset_is_refused_with_what_was_expected(
    mneme: CommandLine, tmp_path: Path, content: str, complaint: str
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(content)
    done = mneme("eval", str(path))
    assert (done.status, complaint in done.err, "Traceback" in done.err) == (2, True, False)


def test_comparing_takes_two_artefacts_of_an_evaluation(mneme: CommandLine, dialogue: Path) -> None:
    assert mneme("eval", "--compare", str(dialogue)).status == 2
    done = mneme("eval", "--compare", str(dialogue), str(dialogue))
    assert (done.status, "not an artefact" in done.err) == (2, True)
