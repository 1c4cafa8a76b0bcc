"""Versions of schemas that wait for a model's annotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from mneme_common.adapters.postgres import Database
from mneme_common.domain.memory_schema import ClassDefinition, SchemaStatus
from mneme_extractor.decide.annotation import Annotated

_WAITING = """
SELECT c.definition FROM schema_classes c JOIN schema_versions v ON v.tenant_id = c.tenant_id AND v.version = c.version
WHERE c.tenant_id = %s AND c.version = %s AND v.status = 'annotating' ORDER BY c.place
"""
_LOCK = """
SELECT activates FROM schema_versions WHERE tenant_id = %s AND version = %s AND status = 'annotating' FOR UPDATE
"""
_ANNOTATE = "UPDATE schema_classes SET annotation = %s WHERE tenant_id = %s AND version = %s AND name = %s"
_SETTLE = """
UPDATE schema_versions SET status = %s, annotated_by = coalesce(%s, annotated_by), model = %s, prompt_hash = %s
WHERE tenant_id = %s AND version = %s
"""


@dataclass(frozen=True, slots=True)
class SchemaVersionRows:
    """The port SchemaVersions on PostgreSQL."""

    database: Database

    async def to_annotate(self, tenant_id: str, version: int) -> Sequence[ClassDefinition]:
        """See SchemaVersions."""
        async with self.database.transaction([tenant_id]) as connection:
            rows = await (await connection.execute(_WAITING, (tenant_id, version))).fetchall()
        return [ClassDefinition.model_validate(row["definition"]) for row in rows]

    async def settle(self, tenant_id: str, version: int, annotated: Annotated | None) -> str:
        """See SchemaVersions; one transaction."""
        async with self.database.transaction([tenant_id]) as connection:
            row = await (await connection.execute(_LOCK, (tenant_id, version))).fetchone()
            if row is None:
                return "settled_before"
            for name, annotation in annotated.annotations.items() if annotated else ():
                await connection.execute(
                    _ANNOTATE, (Jsonb(annotation.model_dump(mode="json")), tenant_id, version, name)
                )
            status = _status(annotated)
            by = ("model", annotated.model, annotated.prompt_hash) if annotated else (None, None, None)
            await connection.execute(_SETTLE, (status, *by, tenant_id, version))
            if status is SchemaStatus.READY and row["activates"]:
                await connection.execute("SELECT activate_schema(%s, %s)", (tenant_id, version))
                return SchemaStatus.ACTIVE.value
        return status.value


def _status(annotated: Annotated | None) -> SchemaStatus:
    if annotated is None or any(one.needs_approval for one in annotated.annotations.values()):
        return SchemaStatus.NEEDS_APPROVAL
    return SchemaStatus.READY
