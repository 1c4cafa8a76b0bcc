"""Where results go: tables for people, JSON for programs; errors always to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_UNCUT = 2_000
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class Screen:
    """Prints for people, or with ``as_json`` for programs: then nothing but JSON goes to stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        # What is read by a program is never cut into lines of a terminal's width.
        self.out = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else _UNCUT)
        self.notes = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def is_live(self) -> bool:
        """Whether somebody watches who can see a line change."""
        return self.notes.is_terminal and not self.as_json

    def json(self, value: object) -> None:
        """A value as JSON, on several lines for a terminal and on one otherwise."""
        indent = 2 if sys.stdout.isatty() else None
        print(json.dumps(value, ensure_ascii=False, indent=indent, default=str), flush=True)

    def say(self, text: RenderableType = "") -> None:
        """A line for people; silent with --json."""
        if self.as_json:
            return
        if self.out.is_terminal:
            self.out.print(text)
            return
        with self.out.capture() as printed:
            self.out.print(text)
        print("\n".join(line.rstrip() for line in printed.get().removesuffix("\n").split("\n")), flush=True)

    def note(self, text: RenderableType) -> None:
        """A remark beside the result, on stderr."""
        self.notes.print(text)

    def fail(self, message: str, details: Mapping[str, object]) -> None:
        """An error: one line for people, an object for programs."""
        if self.as_json:
            print(
                json.dumps({"error": {"message": message, **details}}, ensure_ascii=False, default=str), file=sys.stderr
            )
            return
        self.notes.print(Text.assemble(("error: ", "bold red"), shown(message)))
        if hint := details.get("hint"):
            self.notes.print(Text(shown(hint), "dim"))


def shown(value: object) -> str:
    """A value as text that is only text: what others wrote cannot move the cursor or colour the screen."""
    return "" if value is None else str(value).translate(_CONTROLS)


def table(*columns: str, rows: Sequence[Sequence[object]] = ()) -> Table:
    """A plain table; the last column takes the room that is left."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        last = number == len(columns) - 1
        made.add_column(column, overflow="fold", no_wrap=not last)
    for row in rows:
        made.add_row(*[cell if isinstance(cell, Text) else Text(shown(cell)) for cell in row])
    return made


def fields(values: Mapping[str, object]) -> Table:
    """What is given of an object, a line for each field."""
    rows = [
        (Text(name, "dim"), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in values.items()
        if value not in (None, [], {}, "")
    ]
    made = table("", "", rows=rows)
    made.show_header = False
    return made


def when(moment: datetime | None) -> str:
    """A time as people read it, in UTC as everything that Mneme shows."""
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M")


def day(moment: datetime | None) -> str:
    """The day of a time, in UTC."""
    return "" if moment is None else moment.strftime("%Y-%m-%d")


def entry(head: Sequence[object], text: str) -> Group:
    """A line of facts, and the text below it: for what does not fit beside them."""
    facts = "  ".join(shown(fact) for fact in head if fact not in (None, ""))
    return Group(Text(facts, "dim"), Padding(Text(shown(text)), (0, 0, 0, 2)))
