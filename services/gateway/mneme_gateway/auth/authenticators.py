"""The two ways to find out who is calling."""

from __future__ import annotations

import hashlib
import hmac

from starlette.datastructures import Headers

from mneme_gateway.auth.caller import DEFAULT_TENANT, DEFAULT_USER, Caller
from mneme_gateway.control.keys import ApiKeys
from mneme_gateway.errors import ApiError
from mneme_gateway.metrics import GatewayMetrics

KEY_PREFIXES = ("sk-", "mm_")


class OpenAccess:
    """``MNEME_AUTH=none``: the request itself names tenant and user."""

    async def identify(self, headers: Headers) -> Caller:  # noqa: ARG002  (the port's signature)
        """Everybody may act for everybody."""
        return Caller(DEFAULT_TENANT, DEFAULT_USER, is_master=True)


class KeyAccess:
    """``MNEME_AUTH=required``: the master key or an API key, in Authorization: Bearer or x-api-key (C7)."""

    def __init__(self, keys: ApiKeys, master_key: str | None, metrics: GatewayMetrics) -> None:
        self._keys = keys
        self._master = None if master_key is None else _hash(master_key)
        self._metrics = metrics

    async def identify(self, headers: Headers) -> Caller:
        """The key's tenant and user; raises ApiError 401."""
        credential = _credential(headers)
        if credential is None:
            self._metrics.auth_attempts.labels("missing").inc()
            raise _unauthorized("A credential is required.")
        caller = await self._caller(credential)
        self._metrics.auth_attempts.labels("rejected" if caller is None else "accepted").inc()
        if caller is None:
            raise _unauthorized("The credential is not valid.")
        return caller

    async def _caller(self, credential: str) -> Caller | None:
        hashed = _hash(credential)
        # Digests of equal length, compared in constant time: neither content nor length of the key shows.
        if self._master is not None and hmac.compare_digest(hashed, self._master):
            return Caller(DEFAULT_TENANT, DEFAULT_USER, is_master=True)
        return await self._keys.owner(hashed) if credential.startswith(KEY_PREFIXES) else None


def _hash(credential: str) -> bytes:
    return hashlib.sha256(credential.encode()).digest()


def _credential(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key") or None


def _unauthorized(message: str) -> ApiError:
    return ApiError(401, "UNAUTHORIZED", message, headers={"WWW-Authenticate": 'Bearer realm="mneme"'})
