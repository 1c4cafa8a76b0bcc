"""`mneme import`: a file of messages, sent so that running it again sends nothing twice."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from mneme import MnemeError
from mneme_cli.commands.import_report import show_result, show_survey
from mneme_cli.failures import REFUSED, USAGE, CommandFailedError
from mneme_cli.session import Session
from mneme_cli.sources.files import content_hash, open_source
from mneme_cli.sources.survey import Survey, survey, wanted_turns
from mneme_cli.sources.turns import Source, UnreadableFileError
from mneme_cli.transfer.batches import batches
from mneme_cli.transfer.checkpoint import Checkpoint, checkpoint_path
from mneme_cli.transfer.lag import lag_of
from mneme_cli.transfer.progress import shown_progress
from mneme_cli.transfer.sender import OUTCOME_SECONDS, PATIENT, Sender
from mneme_cli.transfer.tally import Tally


def import_file(
    session: Session,
    file: Annotated[
        Path, typer.Argument(help="JSON lines of messages, or LoCoMo's JSON.", exists=True, dir_okay=False)
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is in the file and send nothing.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many messages.")] = None,
    import_id: Annotated[
        str | None, typer.Option("--id", help="Name the import, for a file that grows; else its content names it.")
    ] = None,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Batches in flight at once.")] = 4,
) -> None:
    """Send the messages in a file, in order. Run it again after an interruption: nothing is written twice.

    A message is {role, content} and optionally name, user_id, conversation_id, occurred_at, metadata. With --user
    everything becomes that user's.
    """
    source = _opened(file)
    found = survey(source, limit)
    if dry_run:
        show_survey(session, file, source, found)
    else:
        identity = import_id or content_hash(file)
        tally, seconds = asyncio.run(_import(session, source, found, identity, limit, parallel))
        show_result(session, file, source, found, tally, seconds)
        if tally.refused:
            raise typer.Exit(REFUSED)
    if found.unreadable:
        raise typer.Exit(REFUSED)


def _opened(file: Path) -> Source:
    try:
        return open_source(file)
    except UnreadableFileError as error:
        raise CommandFailedError(f"{file}: {error}", status=USAGE) from None


async def _import(
    session: Session, source: Source, found: Survey, identity: str, limit: int | None, parallel: int
) -> tuple[Tally, float]:
    tally = Tally(total=found.turns)
    began = time.monotonic()
    async with session.async_client(PATIENT, OUTCOME_SECONDS) as client:
        path = checkpoint_path(identity, session.server, session.tenant, session.user)
        sender = Sender(
            client,
            identity,
            Checkpoint(path),
            tally,
            (await client.health()).timestamp,
            user_id=session.user,
            parallel=parallel,
        )
        async with shown_progress(session.screen, tally, lag_of(client)):
            try:
                await sender.send(batches(wanted_turns(source, limit)))
            except (MnemeError, asyncio.CancelledError):
                session.screen.note(f"Stopped after {tally.done} of {tally.total} messages; run it again to go on.")
                raise
    return tally, time.monotonic() - began
