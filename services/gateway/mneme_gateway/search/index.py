"""The index of one user: documents, postings, and which of them are live at the position that it has reached."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from mneme_common.domain.identifiers import point_id
from mneme_common.domain.text import terms
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters, TermPostings, bm25
from mneme_gateway.search.documents import MEMORY, DocumentColumns, Documents, Flags, Floats, Labels, Words64
from mneme_gateway.search.packing import Batch, PackedRow, closed_points, unpack
from mneme_gateway.search.points import PointOrder
from mneme_gateway.search.postings import Postings, Segment, segment_of
from mneme_gateway.search.tokens import Tokeniser, term_id

_WORTH_COMPACTING = 1024


@dataclass(frozen=True, slots=True)
class View:
    """The index at one position. It never changes, whatever is written meanwhile."""

    position: int
    documents: Documents
    live: Flags
    segments: tuple[Segment, ...]
    points: PointOrder
    labels: Labels

    def bm25(self, query: str, within: Flags, parameters: Bm25Parameters) -> Floats:
        """A score for every document; ``within`` are the live documents of the corpus that is searched."""
        wanted = sorted(Counter(terms(query)).items())
        found = [self._postings(term_id(term), repetitions) for term, repetitions in wanted]
        return bm25(found, self.documents.length, within, parameters)

    def places(self, points: Words64) -> npt.NDArray[np.intp]:
        """The number of each point's document, -1 where there is no live one."""
        found = self.points.find(points, self.documents.point)
        known = found >= 0
        known[known] = self.live[found[known]]
        return np.where(known, found, -1)

    def record_id(self, place: int) -> UUID:
        """The id of a document's record."""
        high, low = self.documents.record_high[place], self.documents.record_low[place]
        return UUID(int=(int(high) << 64) | int(low))

    def point_id(self, place: int) -> UUID:
        """The id of a document's vector."""
        record_id = self.record_id(place)
        if self.documents.kind[place] == MEMORY:
            return record_id
        return point_id(record_id, int(self.documents.revision[place]))

    def _postings(self, term: int, repetitions: int) -> TermPostings:
        found = [(segment, segment.find(term)) for segment in self.segments]
        if len(found) == 1:
            segment, entries = found[0]
            return TermPostings(repetitions, segment.documents[entries], segment.frequencies[entries])
        return TermPostings(
            repetitions,
            np.concatenate([np.empty(0, np.uint32), *(each.documents[entries] for each, entries in found)]),
            np.concatenate([np.empty(0, np.uint16), *(each.frequencies[entries] for each, entries in found)]),
        )


class UserIndex:
    """Grows by rows, never by itself. One task at a time may change it; views may be read at any time."""

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser
        self._columns = DocumentColumns()
        self._postings = Postings()
        self._labels = Labels()
        self._points = PointOrder.empty()
        self._live: Flags = np.empty(0, dtype=np.bool_)
        self._unmerged: list[Segment] = []
        self.is_settled = True
        self.position = 0

    def extend(self, row: PackedRow) -> None:
        """Takes in one page: closes what it closes and adds what it adds. Ends with ``settle``."""
        self.is_settled = False
        self._close(closed_points(row))
        for prefix in ("message", "memory"):
            batch = unpack(row, prefix, self._labels, self._tokeniser, self._columns.size)
            if batch is not None:
                self._add(batch)

    def settle(self, position: int) -> None:
        """All pages up to ``position`` are in."""
        self._postings.add(self._unmerged)
        self._unmerged = []
        self._points = self._points.covering(self._columns.snapshot().point)
        self.position = position
        self.is_settled = True

    def view(self) -> View:
        """The index as it is now; it must be settled."""
        documents, segments = self._columns.snapshot(), self._postings.segments
        return View(self.position, documents, self._live.copy(), segments, self._points, self._labels)

    @property
    def nbytes(self) -> int:
        """Bytes of everything that it keeps."""
        parts = (self._columns, self._postings, self._labels, self._points, self._live)
        return sum(part.nbytes for part in parts)

    @property
    def is_worn(self) -> bool:
        """Whether closed versions make up most of it, so that building it anew pays."""
        closed = len(self._live) - int(np.count_nonzero(self._live))
        return closed > max(_WORTH_COMPACTING, len(self._live) // 2)

    def _close(self, points: Words64) -> None:
        if points.size and self._columns.size:
            known = self._columns.snapshot().point
            self._points = self._points.covering(known)
            found = self._points.find(points, known)
            self._live[found[found >= 0]] = False

    def _add(self, batch: Batch) -> None:
        self._columns.append(batch.documents)
        self._live = np.append(self._live, np.ones(len(batch.documents), dtype=np.bool_))
        self._unmerged.append(segment_of(batch.tokens))
