"""What every worker reads."""

from __future__ import annotations

import base64
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from mneme_common.settings.kafka import KafkaSettings

_KEY_BYTES = 32


class WorkerSettings(KafkaSettings):
    """The database as writer, the batch, the endpoint for health and metrics, and how to log."""

    writer_database_url: SecretStr
    database_pool_size: int = Field(default=8, ge=2)
    batch_size: int = Field(default=500, ge=1, le=5_000)
    worker_host: str = "127.0.0.1"
    worker_port: int = Field(default=0, ge=0, le=65_535)
    drain_seconds: float = Field(default=10.0, gt=0)
    halt_after_run: int = Field(default=20, ge=2)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["human", "json"] = "human"


class EncryptionSettings(KafkaSettings):
    """The key that wraps the keys of data subjects: 32 bytes, base64.

    ``encryption_keys_before`` are the ones it replaced, the latest first, with commas: what they have wrapped or sealed
    can still be opened.
    """

    encryption_key: SecretStr
    encryption_keys_before: SecretStr = SecretStr("")

    @field_validator("encryption_key")
    @classmethod
    def _is_32_bytes(cls, value: SecretStr) -> SecretStr:
        if not _is_key(value.get_secret_value()):
            raise ValueError("MNEME_ENCRYPTION_KEY must be 32 bytes in base64")
        return value

    @field_validator("encryption_keys_before")
    @classmethod
    def _are_32_bytes(cls, value: SecretStr) -> SecretStr:
        if not all(map(_is_key, _listed(value))):
            raise ValueError(
                "each of MNEME_ENCRYPTION_KEYS_BEFORE must be 32 bytes in base64, with commas between them"
            )
        return value

    def encryption_keys(self) -> list[bytes]:
        """The 32 bytes of each, the present key first."""
        return [base64.b64decode(key) for key in _listed(self.encryption_key) + _listed(self.encryption_keys_before)]

    def oldest_encryption_key(self) -> bytes:
        """What has to stay the same as long as it can is derived from this one."""
        return self.encryption_keys()[-1]


def _listed(keys: SecretStr) -> list[str]:
    return [key for part in keys.get_secret_value().split(",") if (key := part.strip())]


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == _KEY_BYTES
    except ValueError:
        return False
