"""The documents that a search counts words in, and all that follows from them whatever is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from mneme_common.domain.vectors import RecordKind
from mneme_gateway.decide.ranking import Places
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.decide.ranking_conversation import Conversation
from mneme_gateway.decide.ranking_fields import Fields, fields_of
from mneme_gateway.decide.ranking_signals import Turns
from mneme_gateway.search.documents import MEMORY, MESSAGE, Documents, Flags
from mneme_gateway.search.index import View

_NUMBER_OF = {RecordKind.MESSAGE: MESSAGE, RecordKind.MEMORY: MEMORY}
_MICROSECONDS = 1_000_000
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Corpus:
    """The live documents of some kinds. ``slot`` has one entry a document: the last slot for all others."""

    within: Flags
    slot: Places
    turns: Turns
    fields: Fields
    last_day: date


def corpus_of(view: View, kinds: frozenset[RecordKind]) -> Corpus:
    """The corpus of a view; worked out once."""
    found = view.corpora.get(kinds)
    if found is None:
        found = view.corpora[kinds] = _corpus(view, within(view, kinds))
    return found


def within(view: View, kinds: frozenset[RecordKind]) -> Flags:
    """The live documents of the kinds that are searched: those that BM25 counts."""
    if kinds == frozenset(RecordKind):
        return view.live
    return view.live & np.isin(view.documents.kind, [_NUMBER_OF[kind] for kind in kinds])


def _corpus(view: View, flags: Flags) -> Corpus:
    documents, conversation = view.documents, view.conversation
    slot = np.where(flags, conversation.slot, len(conversation) - 1)
    turns = _turns(documents, conversation, view.live, slot)
    count = int(np.count_nonzero(flags))
    fields = fields_of(turns.length, count, conversation, Bm25Parameters())
    latest = int(documents.occurred_at.max(where=flags, initial=0)) if count else 0
    return Corpus(flags, slot, turns, fields, datetime.fromtimestamp(latest / _MICROSECONDS, UTC).date())


def _turns(documents: Documents, conversation: Conversation, live: Flags, slot: Places) -> Turns:
    size = len(conversation)
    speaker = np.full(size, _NOBODY, dtype=np.int32)
    occurred_at, marks = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.uint8)
    slots = conversation.slot[live]
    speaker[slots] = documents.name[live]
    occurred_at[slots] = documents.occurred_at[live]
    marks[slots] = documents.marks[live]
    is_corpus = conversation.row(slot, np.ones(len(slot)))
    return Turns(
        speaker=speaker,
        occurred_at=occurred_at,
        length=conversation.row(slot, documents.length.astype(np.float64)),
        marks=marks,
        is_corpus=is_corpus,
        members=np.maximum(conversation.windows(is_corpus), 1),
    )
