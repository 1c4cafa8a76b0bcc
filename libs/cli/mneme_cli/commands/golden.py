"""`mneme golden`: does a server make of what it is told what the cases say?"""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from mneme_cli.failures import REFUSED, USAGE, CommandFailedError
from mneme_cli.golden.case import Case, InvalidCaseError, cases_in
from mneme_cli.golden.running import Verdict, run
from mneme_cli.screen import shown
from mneme_cli.session import Session
from mneme_cli.transfer.sender import OUTCOME_SECONDS, PATIENT


def golden(
    session: Session,
    paths: Annotated[list[Path], typer.Argument(help="YAML files of cases, or folders of them.", exists=True)],
    *,
    only: Annotated[str | None, typer.Option(help="Only cases whose name has these words in it.")] = None,
) -> None:
    """Tell a server what the cases say, as users of their own, and check what came of it.

    The status is 1 when a case does not hold.
    """
    cases = [case for case in _cases(paths) if only is None or only.casefold() in case.name.casefold()]
    if not cases:
        raise CommandFailedError("There is no such case.", status=USAGE)
    with session.client() as client:
        client.health()  # nothing is told to a server that is not there
    verdicts = asyncio.run(_run(session, cases))
    if session.screen.as_json:
        session.screen.json([_as_json(verdict) for verdict in verdicts])
    else:
        _show(session, verdicts)
    if any(verdict.failures for verdict in verdicts):
        raise typer.Exit(REFUSED)


async def _run(session: Session, cases: list[Case]) -> list[Verdict]:
    async with session.async_client(PATIENT, OUTCOME_SECONDS) as client:
        return await run(client, cases, f"golden-{uuid.uuid4().hex[:10]}")


def _cases(paths: list[Path]) -> list[Case]:
    try:
        return [case for path in paths for case in cases_in(path)]
    except InvalidCaseError as error:
        raise CommandFailedError(str(error), status=USAGE) from None


def _show(session: Session, verdicts: list[Verdict]) -> None:
    failed = [verdict for verdict in verdicts if verdict.failures]
    for verdict in failed:
        session.screen.say(Text.assemble(("failed  ", "bold red"), shown(verdict.case.name)))
        for failure in verdict.failures:
            session.screen.say(Text(f"        {shown(failure)}"))
    session.screen.say(f"{len(verdicts) - len(failed)} of {len(verdicts)} cases hold")


def _as_json(verdict: Verdict) -> dict[str, object]:
    case = verdict.case
    return {"name": case.name, "covers": case.covers, "holds": not verdict.failures, "failures": list(verdict.failures)}
