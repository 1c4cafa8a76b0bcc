"""Ledger payloads, encrypted with a key per data subject: whoever destroys the key has erased the text (guarantee 11).

AES-256-GCM; the subject's key is wrapped by the master key; tenant, user and event are authenticated beside the text.
"""

from __future__ import annotations

import os
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mneme_common.domain.identifiers import digest
from mneme_common.domain.pseudonyms import pseudonym_key

_NONCE_BYTES = 12
_KEY_BYTES = 32


class PayloadCipher:
    """Wraps subject keys and encrypts payloads with them."""

    def __init__(self, master_key: bytes) -> None:
        self._master = AESGCM(digest("mneme subject keys", master_key))
        self.pseudonym_key = pseudonym_key(master_key)
        self._opened = lru_cache(maxsize=10_000)(self._open)

    def new_key(self, tenant_id: str, user_id: str) -> bytes:
        """A fresh subject key, wrapped."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, AESGCM.generate_key(256), digest("subject", tenant_id, user_id))

    def encrypt(self, wrapped: bytes, tenant_id: str, user_id: str, event_id: UUID, payload: bytes) -> bytes:
        """The payload under the subject's key."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._opened(wrapped, tenant_id, user_id).encrypt(nonce, payload, event_id.bytes)

    def decrypt(self, wrapped: bytes, tenant_id: str, user_id: str, event_id: UUID, stored: bytes) -> bytes:
        """The payload again; raises cryptography's InvalidTag when anything was altered."""
        nonce, text = stored[:_NONCE_BYTES], stored[_NONCE_BYTES:]
        return self._opened(wrapped, tenant_id, user_id).decrypt(nonce, text, event_id.bytes)

    def _open(self, wrapped: bytes, tenant_id: str, user_id: str) -> AESGCM:
        nonce, text = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        key = self._master.decrypt(nonce, text, digest("subject", tenant_id, user_id))
        if len(key) != _KEY_BYTES:
            raise ValueError("a subject key has 32 bytes")
        return AESGCM(key)
