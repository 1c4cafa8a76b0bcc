"""Which register of erasures the settings call for."""

from __future__ import annotations

from mneme_common.adapters.erasure_file import ErasureFile
from mneme_common.adapters.erasure_topic import ErasureTopic
from mneme_common.adapters.kafka import KafkaClients
from mneme_common.contracts.broker import KAFKA_INCARNATION, Broker
from mneme_common.contracts.erasures import ErasureRegister
from mneme_common.settings.erasures import ErasureSettings


def erasure_register_of(settings: ErasureSettings) -> ErasureRegister | None:
    """The file that is named, else a topic of the Kafka; None with the embedded broker alone, which forgets."""
    if settings.erasure_register is not None:
        return ErasureFile(settings.erasure_register)
    if settings.kafka_bootstrap is not None:
        return ErasureTopic(KafkaClients(settings), Broker(settings.kafka_bootstrap, KAFKA_INCARNATION))
    return None
