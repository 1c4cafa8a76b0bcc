"""Dead letters of turns, sealed: nobody has scrubbed them yet, so neither their rows nor their mirror may be read.

AES-256-GCM under a key derived from the master key, over value and headers; only the gateway, which sends letters
again, and the resolver have it.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mneme_common.contracts.dead_letters import REDRIVE_LETTER, REDRIVE_ORIGIN, SEALED, Headers, Record, is_sealed
from mneme_common.contracts.topics import TURNS
from mneme_common.domain.identifiers import digest

_NONCE_BYTES = 12
_OPEN_HEADERS = (REDRIVE_LETTER, REDRIVE_ORIGIN)


class LetterSeal:
    """Seals and opens."""

    def __init__(self, *master_keys: bytes) -> None:
        """``master_keys``: the first one seals, any of them opens."""
        self._ciphers = [AESGCM(digest("mneme dead letters", key)) for key in master_keys]

    def seal(self, record: Record) -> Record:
        """A turn with its value and headers sealed; any other record as it is."""
        if record.topic != TURNS or is_sealed(record.headers):
            return record
        hidden = [(name, value.hex()) for name, value in record.headers if name not in _OPEN_HEADERS]
        shown = tuple(header for header in record.headers if header[0] in _OPEN_HEADERS)
        nonce = os.urandom(_NONCE_BYTES)
        inside = orjson.dumps([None if record.value is None else record.value.hex(), hidden])
        value = nonce + self._ciphers[0].encrypt(nonce, inside, record.key)
        return replace(record, value=value, headers=(*shown, (SEALED, b"1")))

    def open(self, key: bytes | None, value: bytes | None, headers: Headers) -> tuple[bytes | None, Headers]:
        """Value and headers as they were; raises ValueError when they were sealed under another master key."""
        if not is_sealed(headers) or value is None:
            return value, headers
        text, hidden = orjson.loads(self._opened(key, value))
        kept = tuple(header for header in headers if header[0] != SEALED)
        return None if text is None else bytes.fromhex(text), tuple(
            (name, bytes.fromhex(raw)) for name, raw in hidden
        ) + kept

    def _opened(self, key: bytes | None, value: bytes) -> bytes:
        for cipher in self._ciphers:
            with contextlib.suppress(InvalidTag):
                return cipher.decrypt(value[:_NONCE_BYTES], value[_NONCE_BYTES:], key)
        raise ValueError("the letter was sealed under another key")
