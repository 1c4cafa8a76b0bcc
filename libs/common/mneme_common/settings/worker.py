"""What every worker reads."""

from __future__ import annotations

import base64
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from mneme_common.settings.kafka import KafkaSettings


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
    """The key that wraps the keys of data subjects: 32 bytes, base64."""

    encryption_key: SecretStr

    @field_validator("encryption_key")
    @classmethod
    def _is_32_bytes(cls, value: SecretStr) -> SecretStr:
        try:
            raw = base64.b64decode(value.get_secret_value(), validate=True)
        except ValueError:
            raw = b""
        if len(raw) != 32:
            raise ValueError("MNEME_ENCRYPTION_KEY must be 32 bytes in base64")
        return value

    def encryption_key_bytes(self) -> bytes:
        """The 32 bytes."""
        return base64.b64decode(self.encryption_key.get_secret_value())
