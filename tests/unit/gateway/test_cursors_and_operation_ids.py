"""What clients hand back unread: cursors and operation ids."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import ApiError
from mneme_gateway.reading.cursors import decode_cursor, encode_cursor
from mneme_gateway.writing.operations import OperationIds

_ANN = Scope("acme", "ann")


def test_a_cursor_leads_back_to_its_place() -> None:
    place = datetime(2024, 3, 3, 16, 10, 0, 123456, tzinfo=UTC), uuid4()
    assert decode_cursor(encode_cursor(*place)) == place


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "bm9uc2Vuc2U", "é", "=" * 9])
def test_a_made_up_cursor_is_a_bad_request(cursor: str) -> None:
    with pytest.raises(ApiError) as refusal:
        decode_cursor(cursor)
    assert refusal.value.status_code == 400


def test_an_operation_id_leads_back_to_its_event() -> None:
    ids, event_id = OperationIds(b"secret"), uuid4()
    assert ids.event_id(_ANN, ids.of(_ANN, event_id)) == event_id


@pytest.mark.parametrize("scope", [Scope("acme", "bob"), Scope("other", "ann")])
def test_an_operation_of_somebody_else_is_not_found(scope: Scope) -> None:
    ids = OperationIds(b"secret")
    with pytest.raises(ApiError) as refusal:
        ids.event_id(scope, ids.of(_ANN, uuid4()))
    assert refusal.value.status_code == 404


@pytest.mark.parametrize("text", ["", "x", "0" * 48, "é" * 48, "0" * 47 + "é"])
def test_a_made_up_operation_id_is_not_found(text: str) -> None:
    with pytest.raises(ApiError) as refusal:
        OperationIds(b"secret").event_id(_ANN, text)
    assert refusal.value.status_code == 404


def test_an_operation_url_names_only_who_is_not_the_default() -> None:
    ids, event_id = OperationIds(b"secret"), uuid4()
    assert "?" not in ids.url(Scope("default", "default"), event_id)
    assert ids.url(_ANN, event_id).endswith("?tenant_id=acme&user_id=ann")


def test_operation_ids_of_two_secrets_differ() -> None:
    event_id = uuid4()
    assert OperationIds(b"one").of(_ANN, event_id) != OperationIds(b"two").of(_ANN, event_id)
