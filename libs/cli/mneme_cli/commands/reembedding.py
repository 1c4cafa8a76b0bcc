"""`mneme reembed`: another embedding model, filled beside the one that serves, compared, then flipped to."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from mneme.answers.reembedding import Reembedding, VectorIndex
from mneme_cli.commands.evaluating import opened
from mneme_cli.evaluation.asking import Way
from mneme_cli.evaluation.datasets.dataset import Dataset, Question
from mneme_cli.evaluation.identity import dataset_identity
from mneme_cli.evaluation.indexes import IndexComparison, compare_indexes
from mneme_cli.evaluation.ingesting import Audience
from mneme_cli.evaluation.report import percent
from mneme_cli.failures import REFUSED, USAGE, CommandFailedError
from mneme_cli.screen import table
from mneme_cli.session import Session
from mneme_cli.transfer.sender import OUTCOME_SECONDS, PATIENT

_ASK_SECONDS = 1.0
_HITS = 50


def start_reembedding(
    session: Session,
    *,
    embedder: Annotated[str, typer.Option(help="wordllama, fastembed or openai.")],
    model: Annotated[str | None, typer.Option(help="Another model than the embedder's default.")] = None,
    dimensions: Annotated[int | None, typer.Option(min=1, help="For models that can shorten vectors.")] = None,
) -> None:
    """Begin to fill an index with another model. Searches go on with the old one, new writes reach both."""
    with session.client() as client:
        _show(session, client.reembedding.start(embedder, model=model, dimensions=dimensions))


def reembedding_status(
    session: Session,
    *,
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for the new index to be ready.")] = 0.0,
) -> None:
    """Show which index serves, and how far the one that is being filled is. With --wait 1 unless it is ready."""
    deadline = time.monotonic() + wait
    with session.client() as client:
        found = client.reembedding.status()
        while found.shadow and found.shadow.state != "ready" and time.monotonic() < deadline:
            time.sleep(min(_ASK_SECONDS, max(0.0, deadline - time.monotonic())))
            found = client.reembedding.status()
    _show(session, found)
    if wait and found.shadow and found.shadow.state != "ready":
        raise typer.Exit(REFUSED)


def flip_index(session: Session) -> None:
    """Let searches use the new index from now on. The old one is dropped a little later."""
    with session.client() as client:
        _show(session, client.reembedding.flip())


def cancel_reembedding(session: Session) -> None:
    """Give the new index up and drop what has been filled of it."""
    with session.client() as client:
        _show(session, client.reembedding.cancel())


def compare_both(
    session: Session,
    file: Annotated[
        Path,
        typer.Argument(
            help="Queries, one a line (.txt, asked of --user); or data of `mneme eval` that it has told.", exists=True
        ),
    ],
    *,
    first: Annotated[int, typer.Option("--top", "-n", min=1, max=_HITS, help="How many hits to compare.")] = 10,
    profile: Annotated[str | None, typer.Option(help="Another ranking than the server's own.")] = None,
    shared: Annotated[bool, typer.Option("--shared", help="As it was told by `mneme eval --shared`.")] = False,
) -> None:
    """Ask both indexes the same questions: how far they agree, and which of them finds what is known to answer."""
    dataset, audience = _questions(file, session, shared=shared)
    way = Way(top_k=_HITS, profile=profile)
    found = asyncio.run(_compare(session, dataset, audience, way, first))
    if session.screen.as_json:
        session.screen.json(_as_json(found, first))
        return
    session.screen.say(
        f"{found.questions} questions; of the first {first} hits both give"
        f" {percent(found.overlap['ranking'])} % by the ranking, {percent(found.overlap['meaning'])} % by meaning alone"
    )
    rows = [
        [
            each.name,
            percent(each.before),
            percent(each.after),
            f"{100 * each.difference:+.1f}",
            f"{100 * each.low:+.1f} to {100 * each.high:+.1f}",
        ]
        for each in found.changes
    ]
    if rows:
        session.screen.say(table("", "serving", "shadow", "change", "95 % interval", rows=rows))


async def _compare(session: Session, dataset: Dataset, audience: Audience, way: Way, first: int) -> IndexComparison:
    async with session.async_client(PATIENT, OUTCOME_SECONDS) as client:
        return await compare_indexes(client, dataset, audience, way, first)


def _questions(path: Path, session: Session, *, shared: bool) -> tuple[Dataset, Audience]:
    """What to ask of whom; the users are those that `mneme eval` tells the documents to."""
    if path.suffix != ".txt":
        dataset = opened(path)
        name = f"eval-{dataset_identity(dataset)[:10]}"
        return dataset, Audience(name, session.user or (f"{name}-shared" if shared else None))
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not lines:
        raise CommandFailedError(f"{path}: no questions to ask", status=USAGE)
    questions = [Question(str(number), "", line, "") for number, line in enumerate(lines, start=1)]
    return Dataset("text", (), tuple(questions)), Audience("", session.user or "default")


def _as_json(found: IndexComparison, first: int) -> dict[str, object]:
    return {
        "questions": found.questions,
        f"overlap@{first}": found.overlap,
        "changes": {
            each.name: {
                "serving": each.before,
                "shadow": each.after,
                "difference": each.difference,
                "interval": [each.low, each.high],
            }
            for each in found.changes
        },
    }


def _show(session: Session, found: Reembedding) -> None:
    if session.screen.as_json:
        session.screen.json(found.raw)
        return
    indexes = [index for index in (found.serving, found.shadow) if index is not None]
    if not indexes:
        session.screen.say("There is no index yet.")
        return
    session.screen.say(table("model", "state", "vectors", "refused", rows=[_row(index) for index in indexes]))
    for index in indexes:
        if index.problem:
            session.screen.note(f"{index.model} waits: {index.problem}")


def _row(index: VectorIndex) -> list[object]:
    filled = "" if index.state == "serving" else f"{index.filled} of {index.expected} ({percent(index.progress)} %)"
    return [index.model, index.state, filled, index.refused or ""]
