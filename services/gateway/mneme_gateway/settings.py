"""What the gateway reads from the environment."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from mneme_common.domain.limits import WAIT_MAX_SECONDS
from mneme_common.settings.erasures import ErasureSettings
from mneme_common.settings.model import ModelSettings
from mneme_common.settings.reranking import RerankingSettings
from mneme_common.settings.worker import EncryptionSettings
from mneme_gateway.auth.loopback_guard import is_loopback


class GatewaySettings(EncryptionSettings, RerankingSettings, ModelSettings, ErasureSettings):
    """Where to listen, who may ask, how much is let in, and what the gateway works with."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=0, le=65_535)
    auth: Literal["none", "required"] = "none"
    master_key: SecretStr | None = Field(default=None, min_length=16)
    environment: str = "development"
    reader_database_url: SecretStr
    database_pool_size: int = Field(default=10, ge=4)
    max_in_flight_per_tenant: int = Field(default=2_000, ge=1)
    max_in_flight: int = Field(default=10_000, ge=1)
    write_wait: float = Field(default=2.0, ge=0, le=WAIT_MAX_SECONDS)
    request_timeout: float = Field(default=35.0, gt=0)
    drain_seconds: float = Field(default=10.0, gt=0)
    extractor: Literal["rules", "openai"] | None = None
    search_memory_mib: int = Field(default=256, ge=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["human", "json"] = "human"

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.auth == "none" and not is_loopback(self.http_host):
            raise ValueError(
                f"MNEME_AUTH=none listens on loopback only, not on {self.http_host}: set MNEME_AUTH=required"
                " and MNEME_MASTER_KEY, or MNEME_HTTP_HOST=127.0.0.1"
            )
        return self

    @property
    def reads_with_model(self) -> bool:
        """Whether a language model reads what was said (the extractor's rule for its own choice)."""
        chosen = self.extractor or ("openai" if self.openai_api_key else "rules")
        return chosen == "openai"
