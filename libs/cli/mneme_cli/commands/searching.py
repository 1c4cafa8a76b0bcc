"""`mneme search`: messages and memories in one ranking."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from mneme.answers.search import Hit, SearchResults
from mneme_cli.screen import day, shown, table
from mneme_cli.session import Session


def search(  # noqa: PLR0913  (the command's options)
    session: Session,
    query: Annotated[str, typer.Argument(help="What to look for, in plain words.")],
    *,
    top_k: Annotated[int, typer.Option("--top", "-n", min=1, max=100, help="How many results.")] = 10,
    kind: Annotated[list[str] | None, typer.Option(help="message or memory; both if absent.")] = None,
    conversation: Annotated[str | None, typer.Option(help="Only this conversation.")] = None,
    namespace: Annotated[str | None, typer.Option(help="Only this namespace.")] = None,
    since: Annotated[str | None, typer.Option(help="Said at this time or later: 2024-03-01, or RFC 3339.")] = None,
    until: Annotated[str | None, typer.Option(help="Said at this time or earlier.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time, or ledger position.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show what each score is made of.")] = False,
) -> None:
    """Find messages and memories, best first."""
    with session.client() as client:
        found = client.search(
            query,
            top_k=top_k,
            kinds=kind or None,
            run_id=conversation,
            agent_id=namespace,
            occurred_from=since,
            occurred_to=until,
            as_of=as_of,
            explain=explain or None,
        )
    if session.screen.as_json:
        session.screen.json(found.raw)
        return
    show_hits(session, found, explain=explain)


def show_hits(session: Session, found: SearchResults, *, explain: bool = False) -> None:
    """The hits as a table, or a line that says there are none."""
    if not found.results:
        session.screen.say(f"Nothing found in the memory of {session.user or 'default'}; --user searches another's.")
        return
    rows = [_row(hit, explain=explain) for hit in found]
    session.screen.say(table("score", "kind", "when", "who", "text", rows=rows))
    for part in found.degraded or ():
        session.screen.note(Text(f"The {part} search is away; this answer rests on the rest.", "yellow"))


def _row(hit: Hit, *, explain: bool) -> list[object]:
    text = Text(shown(hit.content))
    if explain:
        text.append(f"\n{_components(hit)}", "dim")
    kind = hit.type if hit.kind == "memory" and hit.type else hit.kind
    return [Text(f"{hit.score:.3f}", "bold cyan"), kind, day(hit.occurred_at), hit.name or hit.role or "", text]


def _components(hit: Hit) -> str:
    parts = sorted(hit.components.items(), key=lambda part: -part[1])
    return " + ".join(f"{name} {value:.3f}" for name, value in parts)
