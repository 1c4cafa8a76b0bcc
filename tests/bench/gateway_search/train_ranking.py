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
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np

from mneme_cli.sources.locomo import LocomoSource
from mneme_cli.sources.turns import Turn
from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.domain.identifiers import point_id
from mneme_common.domain.vectors import RecordKind, Vector
from mneme_gateway.decide import ranking_best_weights
from mneme_gateway.decide.ranking import Features
from mneme_gateway.decide.ranking_best import LEARNT, best_profile, standardised
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.decide.ranking_confidence import EVIDENCE, evidence_of
from mneme_gateway.search.candidates import Evidence, candidates_among
from mneme_gateway.search.corpus import corpus_of
from mneme_gateway.search.evidence import signals, similarities
from mneme_gateway.search.index import UserIndex, View
from mneme_gateway.search.tokens import Tokeniser
from mneme_gateway.search.vocabulary import Vocabulary
from tests.bench.gateway_search.learning import CATEGORIES, Asked, confidence, learnt
from tests.unit.gateway_search.packed import Said, packed_row

_SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_EVIDENCE = re.compile(r"D:?(\d+):(\d+)")
_POOL = 80

Figures = dict[str, float]


def main() -> None:
    """Prints a table; writes the weights when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--one-user", action="store_true")
    parser.add_argument("--absent", type=int, default=30, help="questions of others asked in each conversation")
    parser.add_argument("--strength", type=float, default=0.01)
    chosen = parser.parse_args()
    samples = json.loads(chosen.file.read_text())
    asked = asyncio.run(questions(samples, one_user=chosen.one_user, absent=chosen.absent))
    used = [name for name in LEARNT if name not in chosen.without]
    report(asked, used, chosen.strength)
    report_confidence(asked)
    if chosen.write:
        weights = learnt([each for each in asked if each.category in CATEGORIES], used, chosen.strength)
        _write(dict(zip(used, weights.tolist(), strict=True)), confidence(asked))


async def questions(samples: Sequence[Mapping[str, Any]], *, one_user: bool, absent: int = 0) -> list[Asked]:
    """Every question of the file; one user a conversation, or one who holds them all.

    ``absent`` questions of other conversations are asked in each too, as of category 0.
    """
    model = WordLlamaModel()
    await model.open()
    turns = [turn for turn in LocomoSource(samples).turns() if isinstance(turn, Turn)]
    found = []
    groups = [list(samples)] if one_user else [[sample] for sample in samples]
    for group in groups:
        ids = {str(sample["sample_id"]) for sample in group}
        others = [q for sample in samples if sample["sample_id"] not in ids for q in sample["qa"]]
        foreign = [
            question | {"evidence": [], "category": 0} for question in others[:: max(len(others) // (absent or 1), 1)]
        ]
        own = [turn for turn in turns if turn.user_id in ids]
        found += await _questions(group, own, model, foreign[:absent])
    return found


async def _questions(
    group: Sequence[Mapping[str, Any]],
    turns: Sequence[Turn],
    model: WordLlamaModel,
    foreign: Sequence[Mapping[str, Any]],
) -> list[Asked]:
    said = [_said(turn) for turn in turns]
    vocabulary = Vocabulary(model)
    view = await _view(said, model, vocabulary)
    numbers = {int(low): place for place, low in enumerate(view.documents.record_low)}
    places = {
        (turn.user_id, _dia_id(turn)): numbers[_low(each.record_id)] for turn, each in zip(turns, said, strict=True)
    }
    found = []
    for sample in group:
        for question in [*sample["qa"], *foreign]:
            named = {f"D{a}:{b}" for text in question["evidence"] for a, b in _EVIDENCE.findall(text)}
            evidence = frozenset(places[key] for name in named if (key := (str(sample["sample_id"]), name)) in places)
            vector = (await model.embed([question["question"]]))[0]
            asked = _asked(view, question["question"], vector, vocabulary)
            right = np.isin(asked.places, list(evidence)).astype(np.float64)
            found.append(
                replace(
                    asked,
                    sample=str(sample["sample_id"]),
                    category=int(question["category"]),
                    evidence=evidence,
                    right=right,
                )
            )
    return found


def _asked(view: View, text: str, vector: Vector, vocabulary: Vocabulary) -> Asked:
    similarity = similarities(view, vector).columns
    found = signals(view, text, corpus_of(view, frozenset(RecordKind)), similarity, vocabulary)
    keyword = view.bm25(text, view.live, Bm25Parameters())
    evidence = Evidence(keyword, similarity, found, view.conversation.slot, away=False)
    profile = best_profile({}, ranking_best_weights.CONFIDENCE)
    places = candidates_among(view, evidence, profile, view.live, _POOL).places
    columns = evidence.signals_at(places)
    standard = standardised(np.stack([columns[name] for name in LEARNT])).T
    ones = np.ones(len(places))
    features = Features(
        similarity=ones,
        keyword=ones,
        importance=ones,
        confidence=ones,
        confidence_days=ones,
        age=ones,
        occurred_age=ones,
        signals=columns,
    )
    sessions = [view.labels.texts[code] for code in view.documents.session.tolist()]
    return Asked("", text, 0, frozenset(), places, sessions, standard, evidence_of(features), np.zeros(len(places)))


def report(asked: Sequence[Asked], names: Sequence[str], strength: float) -> None:
    """Figures of each fold, of each category and over all, in percent."""
    samples, rows = sorted({each.sample for each in asked}), []
    wanted = [LEARNT.index(name) for name in names]
    for sample in samples:
        weights = learnt(
            [each for each in asked if each.sample != sample and each.category in CATEGORIES], names, strength
        )
        for each in asked:
            if each.sample == sample and each.category in CATEGORIES and each.evidence:
                order = each.places[np.argsort(-(each.columns[:, wanted] @ weights), kind="stable")]
                rows.append((sample, each.category, _figures(order.tolist(), each)))
    _print("all", [row for _, _, row in rows])
    for category, name in CATEGORIES.items():
        _print(name, [row for _, found, row in rows if found == category])
    for sample in samples:
        _print(sample, [row for found, _, row in rows if found == sample])


def report_confidence(asked: Sequence[Asked]) -> None:
    """How many questions would go unanswered at each threshold, of each kind; held out by conversation."""
    chances: dict[str, list[float]] = {"answered": [], "adversarial": [], "absent": []}
    for sample in sorted({each.sample for each in asked}):
        weights = confidence([each for each in asked if each.sample != sample])
        names = np.array([weights[name] for name in EVIDENCE])
        for each in asked:
            if each.sample == sample:
                kind = "absent" if each.category == 0 else "answered" if each.category in CATEGORIES else "adversarial"
                chances[kind].append(1 / (1 + float(np.exp(-(each.shown @ names + weights["bias"])))))
    for threshold in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5):
        shares = "  ".join(f"{kind} {100 * np.mean(np.array(of) < threshold):5.1f}" for kind, of in chances.items())
        print(f"below {threshold:4}: {shares}")  # noqa: T201


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


def _write(weights: Mapping[str, float], trust: Mapping[str, float]) -> None:
    path, kept = Path(ranking_best_weights.__file__), ranking_best_weights.CONFIDENCE
    head, _, _ = path.read_text().partition("WEIGHTS:")
    trust = {**trust, "fall": kept["fall"], "threshold": kept["threshold"]}
    path.write_text(f"{head}WEIGHTS: {_literal(weights)}\nCONFIDENCE: {_literal(trust)}")


def _literal(weights: Mapping[str, float]) -> str:
    lines = "".join(f'    "{name}": {weight:.3f},\n' for name, weight in weights.items())
    return f"Mapping[str, float] = {{\n{lines}}}\n"


if __name__ == "__main__":
    main()
