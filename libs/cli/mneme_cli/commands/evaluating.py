"""`mneme eval`: how well a running server finds what questions with known answers ask for."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mneme_cli.evaluation.artefact import artefact, read_artefact
from mneme_cli.evaluation.asking import Way
from mneme_cli.evaluation.comparing import Comparison, compare
from mneme_cli.evaluation.datasets.dataset import Dataset, UnusableDatasetError
from mneme_cli.evaluation.datasets.files import open_dataset
from mneme_cli.evaluation.identity import dataset_identity
from mneme_cli.evaluation.ingesting import Audience
from mneme_cli.evaluation.report import percent, show
from mneme_cli.evaluation.running import Evaluation, Outcome, Plan
from mneme_cli.failures import USAGE, CommandFailedError
from mneme_cli.screen import table
from mneme_cli.session import Session
from mneme_cli.transfer.sender import OUTCOME_SECONDS, PATIENT

_BASELINES = ("bm25", "dense", "rrf")
_BUDGETS = (500, 1_000, 2_000)
_PAIR = 2


def evaluate(  # noqa: PLR0913  (the command's options)
    session: Session,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="LoCoMo's JSON, YAML, or a folder in BEIR's layout; with --compare two artefacts.", exists=True
        ),
    ],
    *,
    compared: Annotated[bool, typer.Option("--compare", help="Compare two artefacts of earlier runs.")] = False,
    shared: Annotated[
        bool, typer.Option("--shared", help="One user holds all conversations; else each its own.")
    ] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this conversation (group); may be repeated.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="message (if absent) or memory; both may be given.")] = None,
    profile: Annotated[str | None, typer.Option(help="Another ranking than the server's own.")] = None,
    min_score: Annotated[
        float | None, typer.Option(min=0, max=1, help="Nothing below; else as the server does.")
    ] = None,
    top_k: Annotated[int, typer.Option("--top", "-n", min=50, max=100, help="How many hits are asked for.")] = 50,
    baselines: Annotated[bool, typer.Option(help="Also measure words alone, meaning alone and their fusion.")] = True,
    packs: Annotated[bool, typer.Option(help="Also measure contexts of 500, 1,000 and 2,000 tokens.")] = True,
    out: Annotated[Path | None, typer.Option(help="Where to write the artefact; else beside you, by the time.")] = None,
) -> None:
    """Tell a server the documents of a file, ask it every question of the file, and measure what it finds.

    The documents go to users of their own (or to --user), once: run again, only the questions are asked.
    """
    if compared:
        _compare(session, files)
        return
    if len(files) != 1:
        raise CommandFailedError("Name one file; two are for --compare.", status=USAGE)
    dataset = opened(files[0], frozenset(only or ()))
    way = Way(tuple(kind or ("message",)), top_k, profile, min_score)
    plan = Plan(way, _BASELINES if baselines else (), _BUDGETS if packs else ())
    with session.client() as client:
        client.health()  # nothing is told to a server that is not there
    found = _measured(session, files[0], dataset, plan, shared=shared)
    _write(out or Path(f"mneme-eval-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"), found, session)


def _measured(session: Session, path: Path, dataset: Dataset, plan: Plan, *, shared: bool) -> dict[str, Any]:
    identity = dataset_identity(dataset)
    name = f"eval-{identity[:10]}"
    audience = Audience(name, session.user or (f"{name}-shared" if shared else None))
    began = datetime.now(UTC)
    outcome = asyncio.run(_run(session, dataset, audience, plan, f"{identity}/{audience}"))
    return artefact(outcome, plan, _about(path, dataset, audience, began))


async def _run(session: Session, dataset: Dataset, audience: Audience, plan: Plan, identity: str) -> Outcome:
    async with session.async_client(PATIENT, OUTCOME_SECONDS) as client:
        return await Evaluation(client, dataset, audience, session.screen).run(plan, identity)


def opened(path: Path, only: frozenset[str] = frozenset()) -> Dataset:
    """The data in a file, of these groups alone if any are named; raises CommandFailedError."""
    try:
        dataset = open_dataset(path)
    except UnusableDatasetError as error:
        raise CommandFailedError(f"{path}: {error}", status=USAGE) from None
    dataset = dataset.only(only) if only else dataset
    if not dataset.questions:
        raise CommandFailedError(f"{path}: no questions to ask", status=USAGE)
    return dataset


def _about(path: Path, dataset: Dataset, audience: Audience, began: datetime) -> dict[str, object]:
    return {
        "at": began.isoformat(),
        "file": path.name,
        "format": dataset.format_name,
        "shared": audience.shared is not None,
        "documents": len(dataset.documents),
        "asked": len(dataset.questions),
        "absent_categories": sorted({question.category for question in dataset.questions if question.is_absent}),
        "remarks": list(dataset.remarks),
    }


def _write(path: Path, found: dict[str, object], session: Session) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if session.screen.as_json:
        session.screen.json(found)
        return
    session.screen.say(f"{found['file']}: {found['documents']} documents, {found['asked']} questions")
    show(session.screen, found)
    session.screen.note(f"Written to {path}")


def _compare(session: Session, files: list[Path]) -> None:
    if len(files) != _PAIR:
        raise CommandFailedError("--compare takes two artefacts", status=USAGE)
    found = compare(*(read_artefact(path) for path in files))
    if not found.questions:
        raise CommandFailedError("The two artefacts have no question in common.")
    if session.screen.as_json:
        session.screen.json(_comparison_as_json(found))
        return
    rows = [
        [
            each.name,
            percent(each.before),
            percent(each.after),
            f"{100 * each.difference:+.1f}",
            f"{100 * each.low:+.1f} to {100 * each.high:+.1f}",
            f"{each.better} / {each.worse}",
        ]
        for each in found.changes
    ]
    session.screen.say(table("", "before", "after", "change", "95 % interval", "better / worse", rows=rows))
    session.screen.say(
        f"over {found.questions} questions; {found.only_before} and {found.only_after} have no counterpart"
    )


def _comparison_as_json(found: Comparison) -> dict[str, object]:
    return {
        "questions": found.questions,
        "only_before": found.only_before,
        "only_after": found.only_after,
        "changes": {
            each.name: {
                "before": each.before,
                "after": each.after,
                "difference": each.difference,
                "interval": [each.low, each.high],
                "better": each.better,
                "worse": each.worse,
            }
            for each in found.changes
        },
    }
