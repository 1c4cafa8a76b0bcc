"""Structured logs: one event name and named fields a line; secrets are masked wherever they appear."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from mneme_common.domain.sensitivity import find, replaced
from mneme_common.domain.sensitivity_detectors import Category

_SECRET_FIELD = re.compile(r"password|secret|token|api_key|authorization|database_url", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"(?:sk-|mm_)[A-Za-z0-9_-]{8,}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|password=\S+")

_OURS = frozenset({"timestamp", "level", "stage"})
_NOISY = ("aiokafka", "httpx", "httpx2", "openai", "psycopg.pool", "asyncio", "uvicorn.access", "uvicorn.error")


def configure_logs(stage: str, *, level: str, form: str) -> None:
    """Sends every log of the process to standard error, as JSON lines or for people."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_stage(stage),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_drop_meta, mask_secrets, renderer])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def mask_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces values of secret-sounding fields, and secrets and personal data inside any text.

    IP addresses stay: in a log they are those of our own servers.
    """
    for name, value in event.items():
        if _SECRET_FIELD.search(name):
            event[name] = "[masked]"
        elif isinstance(value, str) and name not in _OURS:
            event[name] = _without_personal_data(_SECRET_TEXT.sub("[masked]", value))
    return event


def _without_personal_data(text: str) -> str:
    return replaced(text, [finding for finding in find(text) if finding.category is not Category.IP])


def _with_stage(stage: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("stage", stage)
        return event

    return add


def _drop_meta(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event
