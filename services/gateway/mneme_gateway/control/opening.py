"""When the API opens: once nobody is there who was erased, whatever backup the database was restored from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg
import structlog

from mneme_common.contracts.erasures import ErasureRegister, SubjectErased
from mneme_common.domain.failures import DependencyError
from mneme_gateway.ports import Database

_LOOK_EVERY_SECONDS = 1.0
_MISSING = """
SELECT count(*) AS missing FROM unnest(%s::text[], %s::text[], %s::timestamptz[]) AS w (tenant_id, user_id, erased_at)
LEFT JOIN heads h ON h.tenant_id = w.tenant_id AND h.user_id = w.user_id
WHERE h.erased_at IS NULL OR h.erased_at < w.erased_at
"""


class Opening:
    """Compares the register of erasures with the database until they agree; the resolver sees to it that they do."""

    def __init__(self, database: Database, register: ErasureRegister | None) -> None:
        self._database = database
        self._register = register
        self.is_open = register is None

    async def run(self) -> None:
        """Waits until the API may open, then for ever."""
        log = structlog.get_logger("mneme.gateway")
        while not self.is_open:
            try:
                missing = await self._missing()
            except (DependencyError, psycopg.Error, OSError, TimeoutError) as error:
                log.info("closed: erasures cannot be compared", error=type(error).__name__)
            else:
                self.is_open = missing == 0
                if missing:
                    log.warning("closed: erased users are there again after a restore", users=missing)
            if not self.is_open:
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
        await asyncio.Event().wait()

    async def _missing(self) -> int:
        erasures: Sequence[SubjectErased] = [] if self._register is None else await self._register.erasures()
        if not erasures:
            return 0
        columns = (
            [erasure.tenant_id for erasure in erasures],
            [erasure.user_id for erasure in erasures],
            [erasure.erased_at for erasure in erasures],
        )
        async with self._database.transaction(operator=True) as connection:
            (row,) = await (await connection.execute(_MISSING, columns)).fetchall()
        return int(row["missing"])
