"""How to reach the log."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """``kafka_bootstrap`` names any Kafka; without it the embedded broker is looked up in PostgreSQL.

    ``kafka_idempotence`` is switched off for brokers that have no idempotent producer.
    """

    model_config = SettingsConfigDict(env_prefix="MNEME_", env_ignore_empty=True, extra="ignore")

    kafka_bootstrap: str | None = None
    kafka_topic_prefix: str = ""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: str | None = None
    kafka_ssl_certfile: str | None = None
    kafka_ssl_keyfile: str | None = None
    kafka_assignment: Literal["group", "all"] = "group"
    kafka_fetch_max_wait_ms: int = Field(default=500, ge=1, le=60_000)
    kafka_idempotence: bool = True
    kafka_session_timeout_ms: int = Field(default=6_000, ge=500)

    @property
    def embedded(self) -> bool:
        """Whether the broker is the embedded one, which forgets at its end."""
        return self.kafka_bootstrap is None
