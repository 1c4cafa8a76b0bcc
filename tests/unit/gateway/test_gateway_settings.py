"""Settings that would be unsafe are refused."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from mneme_gateway.settings import GatewaySettings

_KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNEME_READER_DATABASE_URL", "postgresql://reader@/mneme")
    monkeypatch.setenv("MNEME_ENCRYPTION_KEY", _KEY)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "example.org", ""])
def test_without_authentication_only_loopback_is_listened_on(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    with pytest.raises(ValidationError, match="loopback"):
        GatewaySettings(http_host=host, auth="none")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_loopback_needs_no_authentication(host: str) -> None:
    assert GatewaySettings(http_host=host, auth="none").auth == "none"


def test_with_authentication_any_address_may_be_listened_on() -> None:
    assert GatewaySettings(http_host="0.0.0.0", auth="required").http_host == "0.0.0.0"


def test_a_short_master_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNEME_MASTER_KEY", "short")
    with pytest.raises(ValidationError, match="at least 16"):
        GatewaySettings()


def test_a_language_model_reads_when_a_key_for_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not GatewaySettings().reads_with_model
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    assert GatewaySettings().reads_with_model
    monkeypatch.setenv("MNEME_EXTRACTOR", "rules")
    assert not GatewaySettings().reads_with_model
