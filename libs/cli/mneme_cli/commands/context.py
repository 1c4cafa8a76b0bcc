"""`mneme context`: what was found, packed for a model."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from mneme.answers.context import Context
from mneme_cli.screen import shown
from mneme_cli.session import Session


def context(  # noqa: PLR0913  (the command's options)
    session: Session,
    query: Annotated[str, typer.Argument(help="What it must answer, in plain words.")],
    *,
    budget: Annotated[int, typer.Option("--budget", "-b", min=1, help="At most so many tokens.")] = 1_000,
    top_k: Annotated[int, typer.Option("--top", "-n", min=1, max=100, help="Pack at most so many.")] = 100,
    kind: Annotated[list[str] | None, typer.Option(help="message or memory; both if absent.")] = None,
    conversation: Annotated[str | None, typer.Option(help="Only this conversation.")] = None,
    namespace: Annotated[str | None, typer.Option(help="Only this namespace.")] = None,
    since: Annotated[str | None, typer.Option(help="Said at this time or later: 2024-03-01, or RFC 3339.")] = None,
    until: Annotated[str | None, typer.Option(help="Said at this time or earlier.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time, or ledger position.")] = None,
) -> None:
    """Print what answers a question as numbered lines within a budget of tokens, ready for a model."""
    with session.client() as client:
        packed = client.context(
            query,
            budget,
            top_k=top_k,
            kinds=kind or None,
            run_id=conversation,
            agent_id=namespace,
            occurred_from=since,
            occurred_to=until,
            as_of=as_of,
        )
    if session.screen.as_json:
        session.screen.json(packed.raw)
        return
    for item in packed:
        session.screen.say(Text(shown(item.line)))
    session.screen.note(Text(_summary(packed), "dim"))


def _summary(packed: Context) -> str:
    dropped = [f"{reason} {count}" for reason, count in _reasons(packed).items()]
    left_out = f"; left out: {', '.join(dropped)}" if dropped else ""
    size = f"{len(packed)} items, {packed.used_tokens} of {packed.token_budget} tokens ({packed.tokenizer})"
    return f"{size}{left_out}; pack {packed.pack_hash[:12]}"


def _reasons(packed: Context) -> dict[str, int]:
    reasons = [gone.reason for gone in packed.dropped]
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}
