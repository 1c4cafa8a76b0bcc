"""How far the stages behind an import are."""

from __future__ import annotations

from mneme import AsyncMneme, MnemeError
from mneme.answers.health import Health
from mneme_cli.transfer.progress import Lag


def lag_of(client: AsyncMneme) -> Lag:
    """A function that asks the server, and has nothing to say when it does not answer."""

    async def lag() -> str:
        try:
            return behind(await client.health())
        except MnemeError:
            return ""

    return lag


def behind(health: Health) -> str:
    """The stages that have records left, with how many."""
    return ", ".join(f"{stage.stage} {stage.lag} behind" for stage in health.stages if stage.lag > 0)
