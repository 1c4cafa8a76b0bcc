"""Ledger payloads, encrypted with a key per data subject: destroying the key erases the text (guarantee 11)."""

from __future__ import annotations

import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_KEY_BYTES = 32


def fresh_key() -> bytes:
    """A key for a data subject."""
    return AESGCM.generate_key(8 * _KEY_BYTES)


class DataKey:
    """The key of one data subject, unwrapped: AES-256-GCM, the event authenticated beside the text."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError for a key of another length."""
        if len(key) != _KEY_BYTES:
            raise ValueError("a subject key has 32 bytes")
        self._cipher = AESGCM(key)

    def encrypt(self, event_id: UUID, payload: bytes) -> bytes:
        """The payload under the key."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, payload, event_id.bytes)

    def decrypt(self, event_id: UUID, stored: bytes) -> bytes:
        """The payload again; raises cryptography's InvalidTag when anything was altered."""
        return self._cipher.decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], event_id.bytes)
