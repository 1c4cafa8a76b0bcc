"""`mneme reflect`: distil what belongs together."""

from __future__ import annotations

from typing import Annotated

import typer

from mneme_cli.session import Session


def reflect(
    session: Session,
    *,
    force: Annotated[bool, typer.Option("--force", help="Although it was done less than two hours ago.")] = False,
) -> None:
    """Distil memories that belong together into one that says the same in fewer words; the sources stay."""
    with session.client() as client:
        done = client.reflect(force=force, tenant_id=session.tenant, user_id=session.user)
    if session.screen.as_json:
        session.screen.json(done.raw)
    elif done.status == "pending":
        session.screen.say("It goes on; look again in a while.")
    else:
        session.screen.say(f"{done.scenes_created} memories made of {done.candidates_found} groups, {done.ended} ended")
