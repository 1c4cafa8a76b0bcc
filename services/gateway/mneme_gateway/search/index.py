"""The index of one user: documents, postings, and which of them are live at the position that it has reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import numpy.typing as npt

from mneme_common.domain.identifiers import point_id
from mneme_common.domain.text import terms
from mneme_common.domain.vectors import RecordKind, Vector
from mneme_gateway.decide.ranking import Places
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters, TermPostings, bm25
from mneme_gateway.decide.ranking_conversation import Conversation
from mneme_gateway.search.conversation_order import ConversationOrder
from mneme_gateway.search.documents import MEMORY, DocumentColumns, Documents, Flags, Floats, Labels, Words64
from mneme_gateway.search.embeddings import EmbeddingRows, Embeddings
from mneme_gateway.search.packing import Batch, PackedRow, closed_points, unpack
from mneme_gateway.search.points import PointOrder
from mneme_gateway.search.postings import Frequencies, Postings, Segment, segment_of
from mneme_gateway.search.speakers import SpeakerNames
from mneme_gateway.search.tokens import Numbers, TermIds, Tokeniser, term_id

if TYPE_CHECKING:
    from mneme_gateway.search.corpus import Corpus

_WORTH_COMPACTING = 1024
_DERIVED_BYTES = 120
"""What a view and its corpora work out of each document."""


@dataclass(frozen=True, slots=True)
class View:
    """The index at one position. It never changes, whatever is written meanwhile."""

    position: int
    documents: Documents
    live: Flags
    segments: tuple[Segment, ...]
    points: PointOrder
    labels: Labels
    speakers: SpeakerNames
    conversation: Conversation
    embeddings: Embeddings
    is_without_vectors: bool
    """Whether the vector store was away when what is missing of the vectors was to be read."""
    corpora: dict[frozenset[RecordKind], Corpus] = field(default_factory=dict)
    """What has been worked out for all questions, by the kinds of records that are searched."""

    def postings(self, term: int, repetitions: int = 1) -> TermPostings:
        """Which documents have a term, those that are not live too."""
        return self._postings(term, repetitions)

    def find_all(self, terms: TermIds) -> Iterator[tuple[Numbers, Frequencies, Places]]:
        """Documents and frequencies of several terms, and which of the terms each entry is of; once a segment."""
        for segment in self.segments:
            entries, owners = segment.find_all(terms)
            yield segment.documents[entries], segment.frequencies[entries], owners

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
        return _record_id(self.documents, place)

    def point_id(self, place: int) -> UUID:
        """The id of a document's vector."""
        return _point_id(self.documents, place)

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
        self._order = ConversationOrder()
        self._speakers = SpeakerNames()
        self._embeddings = EmbeddingRows()
        self._conversation: Conversation | None = None
        self._view: View | None = None
        self._is_without_vectors = False
        self.is_settled = True
        self.position = 0

    def extend(self, row: PackedRow) -> None:
        """Takes in one page: closes what it closes and adds what it adds. Ends with ``settle``."""
        self.is_settled = False
        self._view = None
        self._close(closed_points(row))
        for prefix in ("message", "memory"):
            batch = unpack(row, prefix, self._labels, self._tokeniser, self._columns.size)
            if batch is not None:
                self._add(batch)

    def settle(self, position: int) -> None:
        """All pages up to ``position`` are in."""
        self._postings.add(self._unmerged)
        self._unmerged = []
        documents = self._columns.snapshot()
        self._points = self._points.covering(documents.point)
        self._order.add(documents, self._order.size)
        self._speakers.add(documents.name, self._labels)
        self._embeddings.cover(len(documents))
        if position != self.position:
            self._view = None
        self.position = position
        self.is_settled = True

    def view(self) -> View:
        """The index as it is now, the same view until something changes; it must be settled."""
        if self._view is None:
            self._view = self._made_view()
        return self._view

    @property
    def is_without_vectors(self) -> bool:
        """Whether the vector store was away when what is missing of the vectors was to be read."""
        return self._is_without_vectors

    @is_without_vectors.setter
    def is_without_vectors(self, is_away: bool) -> None:
        if is_away != self._is_without_vectors:
            self._view = None
        self._is_without_vectors = is_away

    def points_without_vectors(self) -> dict[UUID, int]:
        """The points of live documents whose vectors are not known, the newest first, with their numbers."""
        missing = self._embeddings.missing(self._live).tolist()
        documents = self._columns.snapshot()
        return {_point_id(documents, place): place for place in missing}

    def take_vectors(self, places: Sequence[int], vectors: Sequence[Vector]) -> None:
        """Keeps the vectors of documents; raises DimensionMismatchError."""
        if places:
            self._embeddings.put(np.array(places), np.stack(vectors))
            self._view = None

    @property
    def nbytes(self) -> int:
        """Bytes of everything that it keeps."""
        parts = (
            self._columns,
            self._postings,
            self._labels,
            self._points,
            self._live,
            self._order,
            self._embeddings,
        )
        return sum(part.nbytes for part in parts) + _DERIVED_BYTES * self._columns.size

    @property
    def is_worn(self) -> bool:
        """Whether closed versions make up most of it, so that building it anew pays."""
        closed = len(self._live) - int(np.count_nonzero(self._live))
        return closed > max(_WORTH_COMPACTING, len(self._live) // 2)

    def _made_view(self) -> View:
        documents = self._columns.snapshot()
        if self._conversation is None:
            self._conversation = self._order.among(documents, self._live)
        return View(
            self.position,
            documents,
            self._live.copy(),
            self._postings.segments,
            self._points,
            self._labels,
            self._speakers,
            self._conversation,
            self._embeddings.snapshot(self._live),
            self.is_without_vectors,
        )

    def _close(self, points: Words64) -> None:
        if points.size and self._columns.size:
            known = self._columns.snapshot().point
            self._points = self._points.covering(known)
            found = self._points.find(points, known)
            self._live[found[found >= 0]] = False
            self._conversation = None

    def _add(self, batch: Batch) -> None:
        self._columns.append(batch.documents)
        self._live = np.append(self._live, np.ones(len(batch.documents), dtype=np.bool_))
        self._unmerged.append(segment_of(batch.tokens))
        self._conversation = None


def _record_id(documents: Documents, place: int) -> UUID:
    return UUID(int=(int(documents.record_high[place]) << 64) | int(documents.record_low[place]))


def _point_id(documents: Documents, place: int) -> UUID:
    record_id = _record_id(documents, place)
    if documents.kind[place] == MEMORY:
        return record_id
    return point_id(record_id, int(documents.revision[place]))
