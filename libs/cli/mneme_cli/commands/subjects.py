"""`mneme erase`, `mneme export` and `mneme rectify`: what a data subject may ask for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mneme_cli.failures import USAGE, CommandFailedError
from mneme_cli.session import Session


def erase(
    session: Session,
    subject: Annotated[str, typer.Argument(help="Whose memory is to go.")],
    *,
    sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="How many seconds to wait for the receipt.")] = 120.0,
) -> None:
    """Erase everything of a user for good, and print the receipt: keep it apart from the database."""
    if not sure and not typer.confirm(f"Erase everything of {subject} for good?"):
        raise CommandFailedError("Nothing was erased.", status=USAGE)
    with session.client() as client:
        request = client.erase(subject, tenant_id=session.tenant, timeout=timeout)
    if request.receipt is None:
        raise CommandFailedError(f"The erasure failed: {request.error}")
    session.screen.json(request.raw)


def export(
    session: Session,
    subject: Annotated[str, typer.Argument(help="Whose memory.")],
    *,
    into: Annotated[Path | None, typer.Option("--into", help="A file to write instead of the screen.")] = None,
) -> None:
    """Write everything that is kept of a user, in all versions and revisions, as JSON."""
    with session.client() as client:
        exported = client.export(subject, tenant_id=session.tenant)
    if into is None:
        session.screen.json(exported.raw)
    else:
        into.write_text(json.dumps(exported.raw, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def rectify(
    session: Session,
    subject: Annotated[str, typer.Argument(help="Of whom something is kept that is not so.")],
    new_content: Annotated[str, typer.Argument(help="What is true instead.")],
    *,
    memory: Annotated[str | None, typer.Option("--memory", help="The id of the memory that ought to say so.")] = None,
    message: Annotated[
        str | None, typer.Option("--message", help="The id of the message that ought to say so.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Kept in the memory's history.")] = None,
) -> None:
    """Say what is true instead in a memory or a message of a user, and print the receipt."""
    if (memory is None) == (message is None):
        raise CommandFailedError("Name one record: --memory ID or --message ID.", status=USAGE)
    with session.client() as client:
        request = client.rectify(
            subject,
            tenant_id=session.tenant,
            memories=None if memory is None else {memory: new_content},
            messages=None if message is None else {message: new_content},
            reason=reason,
        )
    session.screen.json(request.raw)
    if request.receipt is None or request.receipt.get("refused"):
        raise CommandFailedError("It was refused: the receipt says why.")
