"""Where erasures are registered."""

from __future__ import annotations

from pathlib import Path

from mneme_common.settings.kafka import KafkaSettings


class ErasureSettings(KafkaSettings):
    """``erasure_register`` is a file that resolver and gateway share; without it the register is a topic of the Kafka.

    With the embedded broker, which forgets, and without a file there is none; the launcher names one.
    """

    erasure_register: Path | None = None
