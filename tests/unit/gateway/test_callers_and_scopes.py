"""Whose memory a request is about (features.md, Part 4 item 12)."""

from __future__ import annotations

import pytest

from mneme_gateway.auth.caller import Caller, Scope, require_master, scope_of
from mneme_gateway.errors import ApiError

_ANN = Caller("acme", "ann")
_MASTER = Caller("default", "default", is_master=True)


def _refusal(caller: Caller, tenant_id: str | None, user_id: str | None) -> int:
    with pytest.raises(ApiError) as refusal:
        scope_of(caller, tenant_id, user_id)
    return refusal.value.status_code


def test_a_request_that_names_nobody_is_about_the_credential() -> None:
    assert scope_of(_ANN) == Scope("acme", "ann")


def test_a_request_may_name_the_credential_itself() -> None:
    assert scope_of(_ANN, "acme", "ann") == Scope("acme", "ann")


def test_naming_another_tenant_is_forbidden() -> None:
    assert _refusal(_ANN, "other", None) == 403


def test_naming_another_user_of_the_same_tenant_is_forbidden() -> None:
    assert _refusal(_ANN, None, "bob") == 403


def test_the_master_may_act_for_others() -> None:
    assert scope_of(_MASTER, "acme", "bob") == Scope("acme", "bob")


@pytest.mark.parametrize("tenant_id", ["a,b", "a b", "ä", "x" * 65, "a/b", "a\x00"])
def test_a_tenant_that_could_mean_two_is_refused_for_everybody(tenant_id: str) -> None:
    assert _refusal(_MASTER, tenant_id, None) == 422


def test_a_user_id_out_of_its_limits_is_refused() -> None:
    assert _refusal(_MASTER, None, "a/b") == 422


def test_only_the_master_may_do_what_operators_do() -> None:
    require_master(_MASTER)
    with pytest.raises(ApiError) as refusal:
        require_master(_ANN)
    assert (refusal.value.status_code, refusal.value.detail) == (403, "Master key required")
