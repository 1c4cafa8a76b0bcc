"""From the id of a vector to the document that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mneme_gateway.search.documents import Words64

_UNSORTED_MAX = 512


@dataclass(frozen=True, slots=True)
class PointOrder:
    """The first points of an index in ascending order; the few behind them are compared one by one."""

    ascending: Words64
    order: npt.NDArray[np.uint32]

    @classmethod
    def empty(cls) -> PointOrder:
        """The order of no points."""
        return cls(np.empty(0, np.uint64), np.empty(0, np.uint32))

    def covering(self, points: Words64) -> PointOrder:
        """An order after which only few of the points are left unsorted: this one, or a new one."""
        if len(points) - len(self.order) <= _UNSORTED_MAX:
            return self
        order = np.argsort(points)
        return PointOrder(points[order], order.astype(np.uint32))

    def find(self, wanted: Words64, points: Words64) -> npt.NDArray[np.intp]:
        """Where in ``points`` each wanted one is, -1 for those that are not there."""
        found = np.full(len(wanted), -1, dtype=np.intp)
        if len(self.order):
            rows = np.minimum(np.searchsorted(self.ascending, wanted), len(self.order) - 1)
            known = self.ascending[rows] == wanted
            found[known] = self.order[rows[known]]
        asked, places = np.nonzero(wanted[:, None] == points[None, len(self.order) :])
        found[asked] = places + len(self.order)
        return found

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.ascending.nbytes + self.order.nbytes
