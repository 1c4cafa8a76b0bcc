"""Figures that `make eval` prints besides those of retrieval: each is a function that measures and needs no server."""

from __future__ import annotations

from collections.abc import Callable

from tests.evaluation.extractor.figures import extractor_figure
from tests.evaluation.figure import Figure
from tests.evaluation.resolver.figures import resolver_figure

FIGURES: tuple[Callable[[], Figure], ...] = (extractor_figure, resolver_figure)
"""What `make eval` measures besides retrieval, in the order in which it is printed."""


def shown(figure: Figure) -> str:
    """The figure as a line for people; shares in percent."""
    parts = (f"{name} {_number(value)}" for name, value in figure.values.items())
    return f"{figure.title}: {', '.join(parts)}"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{100 * value:.1f} %"
