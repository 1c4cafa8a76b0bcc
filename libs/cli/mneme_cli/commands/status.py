"""`mneme status`: how the pipeline stands."""

from __future__ import annotations

import time
from contextlib import nullcontext, suppress
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from mneme import ForbiddenError, Mneme, UnavailableError
from mneme.answers.health import Health
from mneme.answers.operator import Status
from mneme_cli.failures import REFUSED
from mneme_cli.screen import shown, table
from mneme_cli.session import Session

_EVERY_SECONDS = 2.0


def status(
    session: Session,
    *,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show it anew every two seconds, until Ctrl-C.")] = False,
) -> None:
    """Show each stage's lag, throughput and dead letters, and the oldest unfinished event.

    The status is 1 while something is away.
    """
    with session.client() as client:
        if watch:
            with suppress(KeyboardInterrupt):
                _watch(session, client)
            return
        health, pipeline = _read(client)
    if session.screen.as_json:
        session.screen.json(_as_json(health, pipeline))
    else:
        session.screen.say(_picture(session.server, health, pipeline))
    if health.status != "ok":
        raise typer.Exit(REFUSED)


def _watch(session: Session, client: Mneme) -> None:
    """Goes on while the server is away: that is when one watches."""
    screen = session.screen
    is_live = screen.out.is_terminal and not screen.as_json
    with Live(console=screen.out, auto_refresh=False) if is_live else nullcontext() as live:
        while True:
            try:
                health, pipeline = _read(client)
            except UnavailableError as error:
                shown_now: RenderableType = Text(shown(str(error)), "red")
                value: object = {"error": {"message": str(error), "code": error.code}}
            else:
                shown_now, value = _picture(session.server, health, pipeline), _as_json(health, pipeline)
            if live is not None:
                live.update(shown_now, refresh=True)
            elif screen.as_json:
                screen.json(value)
            else:
                screen.say(shown_now)
            time.sleep(_EVERY_SECONDS)


def _read(client: Mneme) -> tuple[Health, Status | None]:
    """Health is for everybody; the rest takes the master key, where one is needed at all."""
    health = client.health()
    if health.status == "down":
        return health, None
    try:
        return health, client.status()
    except ForbiddenError:
        return health, None


def _as_json(health: Health, pipeline: Status | None) -> dict[str, object]:
    return {"health": health.raw, "pipeline": None if pipeline is None else pipeline.raw}


def _picture(server: str, health: Health, pipeline: Status | None) -> RenderableType:
    style = "green" if health.status == "ok" else "red"
    parts: list[RenderableType] = [Text.assemble(f"Mneme {health.version} at {server}: ", (health.status, style))]
    parts += [Text(f"  {shown(note)}", "yellow") for note in health.notes]
    parts.append(_stages(health, pipeline))
    if pipeline is None:
        parts.append(Text("The rest is for the master key.", "dim"))
        return Group(*parts)
    work = pipeline.unfinished
    parts.append(
        Text(
            f"unfinished: {work.journal} not recorded, {work.extraction} not read, {work.indexing} not found by"
            f" meaning; the oldest is {_age(pipeline.oldest_unfinished_seconds)}"
        )
    )
    if pipeline.broker is not None:
        broker = pipeline.broker
        parts.append(Text(f"broker: {broker.bootstrap} ({broker.state}, incarnation {broker.incarnation})"))
    if pipeline.dead_letters:
        parts.append(Text(f"{pipeline.dead_letters} dead letters: mneme dlq list", "yellow"))
    return Group(*parts)


def _stages(health: Health, pipeline: Status | None) -> RenderableType:
    letters = {} if pipeline is None else {stage.stage: stage.dead_letters for stage in pipeline.stages}
    rows = [
        [
            stage.stage,
            f"{stage.ready}/{stage.workers}",
            stage.lag,
            f"{stage.per_second:.1f}/s",
            _age(stage.oldest_pending_seconds),
            letters.get(stage.stage, ""),
        ]
        for stage in (health.stages if pipeline is None else pipeline.stages)
    ]
    return table("stage", "ready", "lag", "rate", "oldest", "dead letters", rows=rows)


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "none"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
