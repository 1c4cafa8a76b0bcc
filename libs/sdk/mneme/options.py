"""What a client is told once. The environment is read when a client is made, never on import."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TypedDict
from urllib.parse import urlsplit

from mneme.retry import Retry

_DEFAULT_PORT = "8000"


class Settings(TypedDict, total=False):
    """The keyword arguments of a client.

    ``api_key``: absent, MNEME_API_KEY. ``tenant_id`` and ``user_id``: sent with calls that name none. ``wait``: seconds
    that the server holds a write for its outcome (its default is 2, its maximum 30). ``wait_for_outcome``: after an
    answer 202 ask until the outcome is known, for ``outcome_timeout`` seconds. ``timeout``: for one HTTP answer.
    """

    api_key: str | None
    tenant_id: str | None
    user_id: str | None
    timeout: float
    retry: Retry
    wait: float | None
    wait_for_outcome: bool
    outcome_timeout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The settings of one client."""

    api_key: str | None = field(default=None, repr=False)
    tenant_id: str | None = None
    user_id: str | None = None
    timeout: float = 30.0
    retry: Retry = field(default_factory=Retry)
    wait: float | None = None
    wait_for_outcome: bool = True
    outcome_timeout: float = 30.0


def new_options(settings: Settings) -> Options:
    """The options of a new client; the key comes from MNEME_API_KEY when none is given."""
    options = Options(**settings)
    return options if options.api_key else replace(options, api_key=os.environ.get("MNEME_API_KEY") or None)


def changed_options(options: Options, settings: Settings) -> Options:
    """The options with some of them changed."""
    return replace(options, **settings)


def url_from_environment() -> str:
    """MNEME_URL, else this machine at MNEME_HTTP_PORT, else at port 8000."""
    return os.environ.get("MNEME_URL") or f"http://127.0.0.1:{os.environ.get('MNEME_HTTP_PORT') or _DEFAULT_PORT}"


def checked_url(url: str) -> str:
    """The URL; raises ValueError when it names no HTTP server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not the URL of a server: it must look like http://127.0.0.1:8000")
    return url


def is_local(url: str) -> bool:
    """True for a server on this machine, between which and us no proxy must stand."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
