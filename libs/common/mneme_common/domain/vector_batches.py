"""What is written to a vector store at once: each point once, in a fixed order, one model at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from mneme_common.domain.vectors import Closing, Point, PointKey

K = TypeVar("K", Point, Closing)
S = TypeVar("S", Point, Closing, PointKey)


def net_points(points: Iterable[Point]) -> list[Point]:
    """One point a key, sorted by key: the last embedding, the first ``to_seq``; as if written one by one."""
    net: dict[PointKey, Point] = {}
    for point in points:
        earlier = net.get(point.key)
        ended = earlier is not None and earlier.to_seq is not None
        net[point.key] = replace(point, to_seq=earlier.to_seq) if earlier and ended else point
    return _by_key(net)


def net_closings(closings: Iterable[Closing]) -> list[Closing]:
    """One closing a key, sorted by key: the first one."""
    net: dict[PointKey, Closing] = {}
    for closing in closings:
        net.setdefault(closing.key, closing)
    return _by_key(net)


def by_model(items: Iterable[S], at_once: Callable[[str], int] | None = None) -> Iterator[tuple[str, list[S]]]:
    """The items of each model in their order, in batches of at most ``at_once`` of the model, else all together."""
    for model, group in groupby(sorted(items, key=_model_of), key=_model_of):
        of_model = list(group)
        size = max(1, at_once(model)) if at_once else len(of_model)
        for start in range(0, len(of_model), size):
            yield model, of_model[start : start + size]


def _model_of(item: Point | Closing | PointKey) -> str:
    return item.model if isinstance(item, PointKey) else item.key.model


def _by_key(net: dict[PointKey, K]) -> list[K]:
    return [net[key] for key in sorted(net, key=_sort_key)]


def _sort_key(key: PointKey) -> tuple[str, str, str, UUID]:
    return key.tenant_id, key.user_id, key.model, key.point_id
