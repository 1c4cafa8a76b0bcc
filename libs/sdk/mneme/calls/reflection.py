"""Reflection: memories that belong together become one that says the same in fewer words."""

from __future__ import annotations

from functools import partial

from mneme.answers.reflection import Reflected
from mneme.calls.fields import as_json
from mneme.decoding import decode
from mneme.exchange import Ask, Call


def reflect(*, force: bool = False, tenant_id: str | None = None, user_id: str | None = None) -> Call[Reflected]:
    """Reflects on a user's memories; refused within two hours of the last time unless forced. The sources stay."""
    return Ask(
        method="POST",
        path="/v1/reflect",
        params={"force": force or None},
        body=as_json({"tenant_id": tenant_id, "user_id": user_id}),
        owner="body",
        read=partial(decode, Reflected),
        repeatable=False,
    )
