"""`mneme`: import, search, inspect and operate a Mneme server from a terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from mneme import __version__
from mneme_cli.commands.auditing import audit
from mneme_cli.commands.chatting import chat
from mneme_cli.commands.context import context
from mneme_cli.commands.dead_letters import list_letters, redrive_letters, show_letter
from mneme_cli.commands.deciding import undo, why
from mneme_cli.commands.demo import demo
from mneme_cli.commands.evaluating import evaluate
from mneme_cli.commands.golden import golden
from mneme_cli.commands.importing import import_file
from mneme_cli.commands.keys import create_key, list_keys, revoke_key, rewrap_keys, rotate_key
from mneme_cli.commands.reembedding import (
    cancel_reembedding,
    compare_both,
    flip_index,
    reembedding_status,
    start_reembedding,
)
from mneme_cli.commands.reextraction import reextract
from mneme_cli.commands.reflection import reflect
from mneme_cli.commands.remembering import add, forget, get, history, list_memories
from mneme_cli.commands.replay import replay
from mneme_cli.commands.revising import correct, teach
from mneme_cli.commands.schemas import (
    activate_schema,
    annotate_schema,
    approve_schema,
    backfill_schema,
    create_schema,
    deprecate_schema,
    list_schemas,
    record,
    show_schema,
)
from mneme_cli.commands.searching import search
from mneme_cli.commands.status import status
from mneme_cli.commands.subjects import erase, export, rectify
from mneme_cli.session import connected

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"mneme {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Import conversations into Mneme, search them, see what became of them."""


app.command("import")(connected(import_file))
app.command("demo")(connected(demo))
app.command("search")(connected(search))
app.command("context")(connected(context))
app.command("chat")(connected(chat))
app.command("add")(connected(add))
app.command("list")(connected(list_memories))
app.command("get")(connected(get))
app.command("history")(connected(history))
app.command("why")(connected(why))
app.command("undo")(connected(undo))
app.command("forget")(connected(forget))
app.command("teach")(connected(teach))
app.command("correct")(connected(correct))
app.command("eval")(connected(evaluate))
app.command("golden")(connected(golden))
app.command("status")(connected(status))
app.command("erase")(connected(erase))
app.command("export")(connected(export))
app.command("rectify")(connected(rectify))
app.command("audit")(connected(audit))
app.command("replay")(connected(replay))
app.command("reextract")(connected(reextract))
app.command("reflect")(connected(reflect))
app.command("record")(connected(record))

letters = typer.Typer(help="See what could not be processed, and send it again.", no_args_is_help=True)
letters.command("list")(connected(list_letters))
letters.command("show")(connected(show_letter))
letters.command("redrive")(connected(redrive_letters))
app.add_typer(letters, name="dlq")

reembed = typer.Typer(help="Embed everything with another model, compare, and flip to it.", no_args_is_help=True)
reembed.command("start")(connected(start_reembedding))
reembed.command("status")(connected(reembedding_status))
reembed.command("compare")(connected(compare_both))
reembed.command("flip")(connected(flip_index))
reembed.command("cancel")(connected(cancel_reembedding))
app.add_typer(reembed, name="reembed")

schemas = typer.Typer(help="Define classes of memories: what they hold, what identifies them.", no_args_is_help=True)
schemas.command("list")(connected(list_schemas))
schemas.command("show")(connected(show_schema))
schemas.command("create")(connected(create_schema))
schemas.command("annotate")(connected(annotate_schema))
schemas.command("approve")(connected(approve_schema))
schemas.command("activate")(connected(activate_schema))
schemas.command("deprecate")(connected(deprecate_schema))
schemas.command("backfill")(connected(backfill_schema))
app.add_typer(schemas, name="schemas")

keys = typer.Typer(help="Make, list, rotate and revoke API keys; wrap the keys of users anew.", no_args_is_help=True)
keys.command("create")(connected(create_key))
keys.command("list")(connected(list_keys))
keys.command("rotate")(connected(rotate_key))
keys.command("revoke")(connected(revoke_key))
keys.command("rewrap")(connected(rewrap_keys))
app.add_typer(keys, name="keys")


def main() -> None:
    """The entry point of the `mneme` program."""
    app()


if __name__ == "__main__":
    main()
