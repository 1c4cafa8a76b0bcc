"""What is known when somebody writes to their journal: the items, records that have to do with it, the last turns."""

from __future__ import annotations

from mneme_common.domain.journal import JOURNAL, Bucket
from mneme_common.domain.vectors import RecordKind
from mneme_common.domain.vocabulary import Role
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.journal_reply import Background, Turn, is_question
from mneme_gateway.decide.ranking_choice import DEFAULT_RANKING, profile_named
from mneme_gateway.reading.journal import JournalReader
from mneme_gateway.reading.messages import MessageReader
from mneme_gateway.search.context import Context, ContextPacker
from mneme_gateway.search.query import Query
from mneme_gateway.search.service import Hit

_TOP_K = 20
_BUDGET = 1_000
_SHOWN = 5
_TURNS = 10


class JournalBackground:
    """Reads what an answer may rest on, as it was before the message."""

    def __init__(self, items: JournalReader, messages: MessageReader, packer: ContextPacker) -> None:
        self._items = items
        self._messages = messages
        self._packer = packer

    async def records(self, scope: Scope, text: str, before: int) -> list[str]:
        """Up to five lines that answer the text, none when nothing does; ``before`` is a ledger position.

        What the journal has answered and what was only asked are no evidence.
        """
        if before <= 1:
            return []
        profile = profile_named(DEFAULT_RANKING)
        pool = max(50, 3 * _TOP_K, profile.pool_min)
        query = Query(text=text, top_k=_TOP_K, pool=pool, profile=profile, as_of=before - 1)
        context = await self._packer.context(scope, query, _BUDGET)
        least = profile.abstains_below
        return _lines(context, least)[:_SHOWN]

    async def all(self, scope: Scope, text: str, before: int) -> Background:
        """Everything."""
        items = await self._items.memories(scope)
        known = [(bucket, item.key, item.value) for bucket in Bucket for item in getattr(items, bucket.value)]
        page = await self._messages.of_conversation(
            scope, JOURNAL, limit=_TURNS + 2, cursor=None, newest_first=True, may_be_empty=True
        )
        turns = [
            Turn("user" if message.role is Role.USER else "assistant", message.content)
            for message in reversed(page.messages)
            if message.position < before and message.role is not Role.SYSTEM
        ]
        return Background(known=known, records=await self.records(scope, text, before), turns=turns[-_TURNS:])


def _lines(context: Context, least: float) -> list[str]:
    hits = [context.hits[item.candidate.record_id] for item in context.packed.items]
    return [_line(hit) for hit in hits if hit.scored.score >= least and _is_evidence(hit)]


def _is_evidence(hit: Hit) -> bool:
    if hit.kind is RecordKind.MEMORY:
        return True
    return hit.row["role"] == Role.USER.value and not is_question(hit.row["content"])


def _line(hit: Hit) -> str:
    said_at = hit.row["observed_at"] if hit.kind is RecordKind.MEMORY else hit.row["occurred_at"]
    return f"{said_at.date().isoformat()}: {hit.row['content']}"
