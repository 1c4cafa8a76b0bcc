"""What the launcher reads from the environment; services read the rest of it themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from mneme_common.contracts.topics import DEFAULT_PARTITIONS, EMBEDDED_PARTITIONS
from mneme_common.settings.kafka import KafkaSettings


class StackSettings(KafkaSettings):
    """Where the stack lives and listens, and which of its parts are somebody else's."""

    home: Path = Path(".mneme")
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=1, le=65_535)
    auth: Literal["none", "required"] = "none"
    database_url: SecretStr | None = None
    reader_database_url: SecretStr | None = None
    writer_database_url: SecretStr | None = None
    encryption_key: SecretStr | None = None
    partitions: int = Field(default=DEFAULT_PARTITIONS, ge=1)
    broker_memory_mib: int = Field(default=512, ge=32)
    start_timeout_s: float = Field(default=120.0, gt=0)

    @model_validator(mode="after")
    def _few_partitions_when_embedded(self) -> StackSettings:
        if self.embedded and "partitions" not in self.model_fields_set:
            self.partitions = EMBEDDED_PARTITIONS
        return self

    @property
    def api_url(self) -> str:
        """Where the API is reached from this machine."""
        host = "127.0.0.1" if self.http_host in {"0.0.0.0", "::"} else self.http_host  # noqa: S104
        return f"http://{host}:{self.http_port}"
