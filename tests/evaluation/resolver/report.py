"""The figures as rows, one for each set and class of pairs, and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from tests.evaluation.resolver.verdicts import Figures, Verdict, figures_of

COLUMNS = ("pairs", "decisions", "precision", "recall", "false updates", "missed", "unread")


@dataclass(frozen=True, slots=True)
class Row:
    """``pairs`` counts each pair once, the figures count it alone and among other memories."""

    name: str
    pairs: int
    figures: Figures


def rows_of(verdicts: Sequence[Verdict]) -> list[Row]:
    """By set, by class, and all."""
    sets = list(dict.fromkeys(verdict.pair.of for verdict in verdicts))
    classes = list(dict.fromkeys(verdict.pair.memory_class for verdict in verdicts))
    return [
        *(_row(name, (verdict for verdict in verdicts if verdict.pair.of == name)) for name in sets),
        *(_row(name, (verdict for verdict in verdicts if verdict.pair.memory_class == name)) for name in classes),
        _row("all", verdicts),
    ]


def as_json(rows: Iterable[Row]) -> dict[str, dict[str, float]]:
    """The figures by name."""
    return {
        row.name: asdict(row.figures)
        | {
            "pairs": row.pairs,
            "decisions": row.figures.decisions,
            "precision": round(row.figures.precision, 4),
            "recall": round(row.figures.recall, 4),
        }
        for row in rows
    }


def as_table(rows: Iterable[Row]) -> str:
    """A line for each row."""
    heading = f"{'':<14}" + "".join(f"{name:>15}" for name in COLUMNS)
    return "\n".join([heading, *(_line(row) for row in rows)])


def _row(name: str, verdicts: Iterable[Verdict]) -> Row:
    found = list(verdicts)
    return Row(name, len({id(verdict.pair) for verdict in found}), figures_of(found))


def _line(row: Row) -> str:
    figures = row.figures
    cells = (row.pairs, figures.decisions, f"{figures.precision:.3f}", f"{figures.recall:.3f}")
    counts = (figures.false_updates, figures.missed, figures.unread)
    return f"{row.name:<14}" + "".join(f"{cell!s:>15}" for cell in (*cells, *counts))
