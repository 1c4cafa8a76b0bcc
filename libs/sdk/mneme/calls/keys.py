"""API keys: made by the master, rotated and revoked by their owner too."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from mneme.answers.keys import ApiKey, KeyList
from mneme.calls.fields import as_json, nothing, segment
from mneme.decoding import decode
from mneme.exchange import Ask, Call
from mneme.verbs import Group, R, Verb

_KEYS = "/auth/keys"


def _create(
    name: str, *, user_id: str, tenant_id: str | None = None, expires_at: datetime | str | None = None
) -> Call[ApiKey]:
    """Makes a key (master key needed); the answer is the only one that shows it."""
    body = as_json({"name": name, "user_id": user_id, "tenant_id": tenant_id, "expires_at": expires_at})
    return Ask(method="POST", path=_KEYS, body=body, read=partial(decode, ApiKey), repeatable=False)


def _list(*, user_id: str | None = None, tenant_id: str | None = None) -> Call[KeyList]:
    """The caller's keys; the master's are everybody's."""
    params = {"user_id": user_id, "tenant_id": tenant_id}
    return Ask(method="GET", path=_KEYS, params=params, read=partial(decode, KeyList))


def _rotate(key_id: str) -> Call[ApiKey]:
    """A new key in place of this one, which is revoked at once."""
    path = f"{_KEYS}/{segment(key_id)}/rotate"
    return Ask(method="PUT", path=path, body={}, read=partial(decode, ApiKey), repeatable=False)


def _revoke(key_id: str) -> Call[None]:
    """Ends a key at once."""
    return Ask(method="DELETE", path=f"{_KEYS}/{segment(key_id)}", read=nothing)


class Keys(Group[R]):
    """``client.keys``: credentials."""

    create = Verb(_create)
    list = Verb(_list)
    rotate = Verb(_rotate)
    revoke = Verb(_revoke)
