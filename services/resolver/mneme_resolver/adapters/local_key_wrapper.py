"""Wraps the keys of data subjects with a master key that the process is given, by AES-256-GCM bound to the subject."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mneme_common.domain.identifiers import digest
from mneme_resolver.ports import Subject, UnknownKeyError, Wrapped

_NONCE_BYTES = 12
_NAME_CHARACTERS = 16


class LocalKeyWrapper:
    """Wraps with the first of the master keys, and unwraps with whichever it was that wrapped."""

    def __init__(self, *master_keys: bytes) -> None:
        self._keys = {_name(master): AESGCM(digest("mneme subject keys", master)) for master in master_keys}
        self._name = _name(master_keys[0])

    @property
    def name(self) -> str:
        """Tells master keys apart, and tells nothing of them."""
        return self._name

    async def wrap(self, keys: Mapping[Subject, bytes]) -> Mapping[Subject, Wrapped]:
        """Under the first master key."""
        return {subject: Wrapped(self._name, self._sealed(subject, key)) for subject, key in keys.items()}

    async def unwrap(self, wrapped: Mapping[Subject, Wrapped]) -> Mapping[Subject, bytes]:
        """Raises UnknownKeyError when none of the master keys opens one of them."""
        return {subject: self._opened(subject, key) for subject, key in wrapped.items()}

    def _sealed(self, subject: Subject, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._keys[self._name].encrypt(nonce, key, digest("subject", *subject))

    def _opened(self, subject: Subject, wrapped: Wrapped) -> bytes:
        nonce, text = wrapped.key[:_NONCE_BYTES], wrapped.key[_NONCE_BYTES:]
        for master in self._candidates(wrapped.by):
            try:
                return master.decrypt(nonce, text, digest("subject", *subject))
            except InvalidTag:
                continue
        raise UnknownKeyError("a data subject's key was wrapped by a master key that is not among those given")

    def _candidates(self, name: str) -> Sequence[AESGCM]:
        """The key of that name; any of them for what was wrapped before keys had names."""
        if name:
            return [self._keys[name]] if name in self._keys else []
        return list(self._keys.values())


def _name(master_key: bytes) -> str:
    return "local:" + digest("mneme master key", master_key).hex()[:_NAME_CHARACTERS]
