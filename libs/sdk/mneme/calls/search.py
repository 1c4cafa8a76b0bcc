"""Search over messages and memories in one ranking, and contexts made of what it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypedDict, Unpack

from mneme.answers.context import Context
from mneme.answers.search import SearchResults
from mneme.calls.fields import as_json
from mneme.decoding import decode
from mneme.exchange import Ask, Call

_SCOPE_IN_FILTERS = {
    "user_id": "user_id",
    "agent_id": "namespace",
    "namespace": "namespace",
    "run_id": "session_id",
    "session_id": "session_id",
    "conversation_id": "session_id",
}


_ON_THE_WIRE = {"occurred_from": "from", "occurred_to": "to"}


class Narrowing(TypedDict, total=False):
    """What a search can be narrowed by; every condition must hold, of a list any one.

    ``kinds`` is of message and memory, ``types`` of the memory types. ``tags``, ``author_id``, ``subject_id``,
    ``pinned`` and ``valid_at`` (what held then) are of memories: with one of them no message is found. ``as_of`` asks
    what would have been found at a position of the ledger, or at a time. ``profile`` names another ranking than the
    usual one, to compare with.
    Results begin at ``min_score`` (absent: none are found when even the first is most unlikely; 0: all are), and end
    where a score lies more than ``score_gap`` below the one before.
    """

    kinds: Sequence[str] | None
    types: Sequence[str] | None
    tags: Sequence[str] | None
    author_id: str | None
    subject_id: str | None
    pinned: bool | None
    valid_at: datetime | str | None
    occurred_from: datetime | str | None
    occurred_to: datetime | str | None
    as_of: int | datetime | str | None
    include_archived: bool | None
    profile: str | None
    min_score: float | None
    score_gap: float | None


def search(  # noqa: PLR0913  (what can be asked)
    query: str,
    *,
    user_id: str | None = None,
    agent_id: str | None = None,
    run_id: str | None = None,
    filters: Mapping[str, object] | None = None,
    top_k: int | None = None,
    explain: bool | str | None = None,
    rerank: bool | None = None,
    index: str | None = None,
    **narrowing: Unpack[Narrowing],
) -> Call[SearchResults]:
    """The best of messages and memories, best first.

    ``agent_id`` is the namespace, ``run_id`` the conversation; ``filters`` takes these names too, and metadata that
    must be equal. ``explain`` is True, or a level: basic, verbose, analyze. ``rerank``: whether a
    second model reads the candidates (absent: as the tenant has it). ``index`` shadow asks, for operators, the
    vectors that are being filled beside those that serve.
    """
    wanted = _wanted(query, user_id, agent_id, run_id, filters, narrowing)
    return Ask(
        method="POST",
        path="/v1/retrieve/search",
        body=as_json({**wanted, "top_k": top_k, "explain": explain, "rerank": rerank, "index": index}),
        read=partial(decode, SearchResults),
        owner="body",
    )


def context(
    query: str,
    token_budget: int | None = None,
    *,
    user_id: str | None = None,
    agent_id: str | None = None,
    run_id: str | None = None,
    filters: Mapping[str, object] | None = None,
    top_k: int | None = None,
    **narrowing: Unpack[Narrowing],
) -> Call[Context]:
    """What answers the query as one text of numbered lines, within ``token_budget`` tokens; narrowed as a search is.

    ``top_k`` is how many of what was found may be packed.
    """
    wanted = _wanted(query, user_id, agent_id, run_id, filters, narrowing)
    return Ask(
        method="POST",
        path="/v1/retrieve/context",
        body=as_json({**wanted, "top_k": top_k, "token_budget": token_budget}),
        read=partial(decode, Context),
        owner="body",
    )


def _wanted(
    query: str,
    user_id: str | None,
    agent_id: str | None,
    run_id: str | None,
    filters: Mapping[str, object] | None,
    narrowing: Narrowing,
) -> dict[str, object]:
    filters = filters or {}
    scope = {_SCOPE_IN_FILTERS[name]: value for name, value in filters.items() if name in _SCOPE_IN_FILTERS}
    metadata = {name: value for name, value in filters.items() if name not in _SCOPE_IN_FILTERS}
    named = as_json({"user_id": user_id, "namespace": agent_id, "session_id": run_id})
    narrowed = {_ON_THE_WIRE.get(name, name): value for name, value in narrowing.items()}
    return {**scope, **named, "query": query, "filters": metadata or None, **narrowed}
