"""Learns the weights of the default ranking from a file in the LoCoMo format, and says what they are worth.

The product's own index and signals, in memory; leave-one-conversation-out, so every figure is of conversations
that the weights have not seen. The weights that ship are learnt from all of them.

uv run python -m tests.bench.gateway_search.train_ranking FILE [--write] [--without SIGNAL ...] [--one-user]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np

from mneme_cli.sources.locomo import LocomoSource
from mneme_cli.sources.turns import Turn
from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.domain.identifiers import point_id
from mneme_common.domain.vectors import Vector
from mneme_gateway.decide import ranking_best_weights
from mneme_gateway.decide.ranking import Floats, Places
from mneme_gateway.decide.ranking_best import LEARNT, best_profile, standardised
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.search.candidates import Evidence, candidates_among
from mneme_gateway.search.evidence import signals, similarities
from mneme_gateway.search.index import UserIndex, View
from mneme_gateway.search.tokens import Tokeniser
from mneme_gateway.search.vocabulary import Vocabulary
from tests.unit.gateway_search.packed import Said, packed_row

_SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
_EVIDENCE = re.compile(r"D:?(\d+):(\d+)")
_POOL = 80
_AGAINST = frozenset({"question"})
"""Signals that speak against a candidate; every other one speaks for it, whatever the file would have."""

Figures = dict[str, float]


@dataclass(frozen=True)
class Asked:
    """A question with its candidates: ``columns`` has a standardised column a signal, ``right`` marks the evidence."""

    sample: str
    text: str
    category: int
    evidence: frozenset[int]
    places: Places
    sessions: Sequence[str]
    columns: Floats
    raw: Floats
    right: Floats


def main() -> None:
    """Prints a table; writes the weights when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--one-user", action="store_true")
    parser.add_argument("--strength", type=float, default=0.01)
    chosen = parser.parse_args()
    samples = json.loads(chosen.file.read_text())
    asked = asyncio.run(questions(samples, one_user=chosen.one_user))
    used = [name for name in LEARNT if name not in chosen.without]
    report(asked, used, chosen.strength)
    if chosen.write:
        weights = learnt([each for each in asked if each.category in _CATEGORIES], used, chosen.strength)
        _write(dict(zip(used, weights.tolist(), strict=True)))


async def questions(samples: Sequence[Mapping[str, Any]], *, one_user: bool) -> list[Asked]:
    """Every question of the file; one user a conversation, or one who holds them all."""
    model = WordLlamaModel()
    await model.open()
    turns = [turn for turn in LocomoSource(samples).turns() if isinstance(turn, Turn)]
    found = []
    groups = [list(samples)] if one_user else [[sample] for sample in samples]
    for group in groups:
        ids = {str(sample["sample_id"]) for sample in group}
        found += await _questions(group, [turn for turn in turns if turn.user_id in ids], model)
    return found


async def _questions(group: Sequence[Mapping[str, Any]], turns: Sequence[Turn], model: WordLlamaModel) -> list[Asked]:
    said = [_said(turn) for turn in turns]
    vocabulary = Vocabulary(model)
    view = await _view(said, model, vocabulary)
    numbers = {int(low): place for place, low in enumerate(view.documents.record_low)}
    places = {
        (turn.user_id, _dia_id(turn)): numbers[_low(each.record_id)] for turn, each in zip(turns, said, strict=True)
    }
    found = []
    for sample in group:
        for question in sample["qa"]:
            named = {f"D{a}:{b}" for text in question["evidence"] for a, b in _EVIDENCE.findall(text)}
            evidence = frozenset(places[key] for name in named if (key := (str(sample["sample_id"]), name)) in places)
            vector = (await model.embed([question["question"]]))[0]
            asked = _asked(view, question["question"], vector, vocabulary)
            right = np.isin(asked.places, list(evidence)).astype(np.float64)
            found.append(
                replace(
                    asked,
                    sample=str(sample["sample_id"]),
                    category=question["category"],
                    evidence=evidence,
                    right=right,
                )
            )
    return found


def _asked(view: View, text: str, vector: Vector, vocabulary: Vocabulary) -> Asked:
    similarity = similarities(view, vector).columns
    columns = signals(view, text, view.live, similarity, vocabulary)
    evidence = Evidence(view.bm25(text, view.live, Bm25Parameters()), similarity, columns, away=False)
    places = candidates_among(view, evidence, best_profile({}), view.live, _POOL).places
    raw = np.stack([columns[name][places] for name in LEARNT], axis=1)
    standard = np.stack([standardised(column) for column in raw.T], axis=1)
    sessions = [view.labels.texts[code] for code in view.documents.session.tolist()]
    return Asked("", text, 0, frozenset(), places, sessions, standard, raw, np.zeros(len(places)))


def learnt(asked: Sequence[Asked], names: Sequence[str], strength: float, rounds: int = 200) -> Floats:
    """Weights by listwise softmax (ListNet, Cao et al. 2007) and Adam, held small by ``strength`` (L2)."""
    usable = [each for each in asked if each.right.any()]
    against = np.array([name in _AGAINST for name in names])
    wanted, width = [LEARNT.index(name) for name in names], max(len(each.places) for each in usable)
    inputs = np.zeros((len(usable), width, len(names)))
    targets, mask = np.zeros((len(usable), width)), np.zeros((len(usable), width), dtype=np.bool_)
    for number, each in enumerate(usable):
        count = len(each.places)
        inputs[number, :count] = each.columns[:, wanted]
        targets[number, :count] = each.right / each.right.sum()
        mask[number, :count] = True
    weights, mean, square = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
    for step in range(1, rounds + 1):
        scores = np.where(mask, inputs @ weights, -np.inf)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        slope = np.einsum("qp,qpf->f", chances - targets, inputs) / len(usable) + strength * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights = weights - 0.05 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        weights = np.where(against, np.minimum(weights, 0), np.maximum(weights, 0))
    return weights


def report(asked: Sequence[Asked], names: Sequence[str], strength: float) -> None:
    """Figures of each fold, of each category and over all, in percent."""
    samples, rows = sorted({each.sample for each in asked}), []
    wanted = [LEARNT.index(name) for name in names]
    for sample in samples:
        weights = learnt(
            [each for each in asked if each.sample != sample and each.category in _CATEGORIES], names, strength
        )
        for each in asked:
            if each.sample == sample and each.category in _CATEGORIES and each.evidence:
                order = each.places[np.argsort(-(each.columns[:, wanted] @ weights), kind="stable")]
                rows.append((sample, each.category, _figures(order.tolist(), each)))
    _print("all", [row for _, _, row in rows])
    for category, name in _CATEGORIES.items():
        _print(name, [row for _, found, row in rows if found == category])
    for sample in samples:
        _print(sample, [row for found, _, row in rows if found == sample])


def _figures(order: list[int], asked: Asked) -> Figures:
    right = asked.evidence
    found = {f"recall@{k}": len(right & set(order[:k])) / len(right) for k in (5, 10, 20, 50)}
    gain = sum(1 / np.log2(rank + 2) for rank, place in enumerate(order[:10]) if place in right)
    ideal = sum(1 / np.log2(rank + 2) for rank in range(min(10, len(right))))
    first = next((1 / rank for rank, place in enumerate(order, start=1) if place in right), 0.0)
    sessions = {asked.sessions[place] for place in right}
    return found | {
        "all@10": float(found["recall@10"] == 1),
        "MRR": first,
        "nDCG@10": gain / ideal,
        "session any@1": float(asked.sessions[order[0]] in sessions),
    }


def _print(label: str, rows: Sequence[Figures]) -> None:
    means = "  ".join(f"{name} {100 * np.mean([row[name] for row in rows]):5.1f}" for name in rows[0])
    print(f"{label:12} {len(rows):4}  {means}")  # noqa: T201


def _said(turn: Turn) -> Said:
    message = turn.message
    moment = datetime.fromisoformat(str(message.get("occurred_at", "2000-01-01T00:00:00+00:00"))).astimezone(UTC)
    return Said(
        record_id=uuid5(_SPACE, f"{turn.user_id} {_dia_id(turn)}"),
        content=str(message["content"]),
        session=f"{turn.user_id} {message['conversation_id']}",
        role=str(message["role"]),
        name=str(message["name"]),
        occurred_at=moment,
        created_at=moment + timedelta(days=1),
    )


async def _view(said: Sequence[Said], model: WordLlamaModel, vocabulary: Vocabulary) -> View:
    index = UserIndex(Tokeniser(vocabulary.note))
    index.extend(packed_row(said))
    index.settle(1)
    missing = index.points_without_vectors()
    vectors = await model.embed([each.content for each in said])
    places = [missing[point_id(each.record_id, each.revision)] for each in said]
    index.take_vectors(places, list(vectors))
    return index.view()


def _dia_id(turn: Turn) -> str:
    metadata = turn.message["metadata"]
    return str(metadata["dia_id"]) if isinstance(metadata, dict) else ""


def _low(record_id: UUID) -> int:
    return record_id.int & (2**64 - 1)


def _write(weights: Mapping[str, float]) -> None:
    path = Path(ranking_best_weights.__file__)
    head, _, _ = path.read_text().partition("WEIGHTS:")
    lines = "".join(f'    "{name}": {weight:.3f},\n' for name, weight in weights.items())
    path.write_text(f"{head}WEIGHTS: Mapping[str, float] = {{\n{lines}}}\n")


if __name__ == "__main__":
    main()
