"""What must be so before vectors are worth anything, seen to at the start and beside the serving of requests."""

from __future__ import annotations

import asyncio

import structlog

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vectors import OpenableModel, VectorRegistry

_RETRY_SECONDS = 5.0


async def prepare_model(model: OpenableModel, registry: VectorRegistry) -> None:
    """Opens the model so that no request has to wait for it; raises DimensionMismatchError if it does not fit."""
    while True:
        try:
            await model.open()
            await registry.check(model.name, model.dimension)
        except (DependencyError, PermanentError) as error:
            structlog.get_logger("mneme.gateway").warning("embedding model not ready", reason=str(error))
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return
