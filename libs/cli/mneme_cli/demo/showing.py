"""What the demonstration prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from mneme.answers.memories import Memory
from mneme.answers.search import SearchResults
from mneme_cli.reasons import quotes
from mneme_cli.screen import Screen, day, shown

_TEXT = 70


def heading(screen: Screen, text: str) -> None:
    """Begins a part."""
    screen.say()
    screen.say(Text(text, "bold underline"))


def extracted(screen: Screen, memories: Sequence[Memory]) -> None:
    """Each memory beside the words that it was drawn from."""
    listed = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    listed.add_column("type", no_wrap=True)
    listed.add_column("what is remembered", ratio=3)
    listed.add_column("because of these words", ratio=2, style="dim")
    for memory in memories:
        listed.add_row(Text(memory.type or ""), Text(shown(memory.content)), Text(shown(quotes(memory))))
    screen.say(listed)


def answers(screen: Screen, question: str, found: SearchResults) -> None:
    """A question and what was found for it."""
    screen.say(Text(f"? {question}", "bold"))
    for hit in found:
        who = hit.name or hit.type or hit.kind
        facts = f"{day(hit.occurred_at)}  {shown(who)}: "
        screen.say(Text.assemble((f"  {hit.score:.3f}  ", "cyan"), (facts, "dim"), _short(shown(hit.content))))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT else f"{line[:_TEXT].rstrip()}..."
