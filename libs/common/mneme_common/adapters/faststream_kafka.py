"""FastStream brokers, for the consumers whose rate is low."""

from __future__ import annotations

import logging

import structlog
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from mneme_common.adapters.kafka import KafkaClients
from mneme_common.contracts.broker import Broker


class _OnlyFailures:
    """What FastStream logs besides failures is one line a message, and that it makes no topics."""

    def log(self, level: int, msg: object, /, *, exc_info: object = None, extra: object = None) -> None:
        """Passes failures on."""
        if level >= logging.ERROR:
            structlog.get_logger("mneme.jobs").warning(
                "consuming failed", doing=str(msg), error=type(exc_info).__name__, place=extra
            )


_SASL = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


class JobClients(KafkaClients):
    """The clients of a stage that consumes jobs: those of every stage, and a FastStream broker."""

    def faststream(self, broker: Broker, *, drain_seconds: float) -> KafkaBroker:
        """Consumes only, and makes no topics."""
        return KafkaBroker(
            broker.bootstrap,
            consumer_only=True,
            graceful_timeout=drain_seconds,
            security=self._security(),
            logger=_OnlyFailures(),
        )

    def _security(self) -> BaseSecurity | None:
        options = self.security()
        protocol = str(options["security_protocol"])
        context, encrypted = options.get("ssl_context"), protocol.endswith("SSL")
        if not protocol.startswith("SASL"):
            return BaseSecurity(ssl_context=context, use_ssl=encrypted) if encrypted else None
        return _SASL[options["sasl_mechanism"]](
            username=options["sasl_plain_username"] or "",
            password=options["sasl_plain_password"] or "",
            ssl_context=context,
            use_ssl=encrypted,
        )
