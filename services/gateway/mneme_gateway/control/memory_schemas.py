"""The schema registry: versions of the classes that a tenant defines, one of them active."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from mneme_common.domain.memory_schema import AnnotatedClass, Annotation, SchemaStatus
from mneme_gateway.control.jobs import JobDesk
from mneme_gateway.errors import ApiError, not_found
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.memory_schemas import BackfillOut, ClassOut, SchemaOut

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('schema ' || %s, 0))"
_VERSIONS = """
SELECT v.tenant_id, v.version, v.status, v.annotated_by, v.model, v.approved, v.created_at, v.activated_at,
    (SELECT jsonb_agg(jsonb_build_object('definition', c.definition, 'annotation', c.annotation, 'since', c.since)
        ORDER BY c.place) FROM schema_classes c WHERE c.tenant_id = v.tenant_id AND c.version = v.version) AS classes,
    (SELECT to_jsonb(b) - ARRAY['tenant_id', 'version', 'after_user'] FROM schema_backfills b
        WHERE b.tenant_id = v.tenant_id AND b.version = v.version) AS backfill
FROM schema_versions v
WHERE v.tenant_id = %(tenant)s AND (%(version)s::integer IS NULL OR v.version = %(version)s)
ORDER BY v.version DESC LIMIT 200
"""
_ADD_VERSION = """
INSERT INTO schema_versions (tenant_id, version, status, annotated_by, activates, approved)
SELECT %(tenant)s, coalesce(max(version), 0) + 1, %(status)s, %(by)s, %(activates)s, %(approved)s
FROM schema_versions WHERE tenant_id = %(tenant)s RETURNING version
"""
_ADD_CLASS = """
INSERT INTO schema_classes (tenant_id, version, name, place, definition, annotation, since)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_AGAIN = """
UPDATE schema_backfills SET status = 'queued', job_id = %(job)s, users_total = NULL, users_done = 0, memories_done = 0,
    collisions = 0, after_user = '', started_at = NULL, finished_at = NULL
WHERE tenant_id = %(tenant)s AND version = %(version)s
"""


class SchemaDesk:
    """Keeps the versions of schemas. A version that is active decides from the next message on."""

    def __init__(self, database: Database, jobs: JobDesk) -> None:
        self._database = database
        self._jobs = jobs

    async def create(
        self, tenant_id: str, classes: Sequence[AnnotatedClass], status: SchemaStatus, by: str, *, activate: bool
    ) -> SchemaOut:
        """The next version, active at once when it is ready and is to be."""
        row = {"tenant": tenant_id, "status": status, "by": by, "activates": activate, "approved": by == "person"}
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(_LOCK, (tenant_id,))
            added = await (await connection.execute(_ADD_VERSION, row)).fetchone()
            version = int(added["version"]) if added is not None else 0
            for place, one in enumerate(classes):
                definition = one.definition.model_dump(mode="json", by_alias=True)
                annotation = one.annotation.model_dump(mode="json")
                await connection.execute(
                    _ADD_CLASS,
                    (tenant_id, version, one.definition.name, place, Jsonb(definition), Jsonb(annotation), version),
                )
            if activate and status is SchemaStatus.READY:
                await _activate(connection, tenant_id, version)
            (made,) = await _read(connection, tenant_id, version)
        await self._tell(made)
        return made

    async def get(self, tenant_id: str, version: int) -> SchemaOut:
        """One version; raises ApiError 404."""
        async with self._database.transaction([tenant_id]) as connection:
            return _one(await _read(connection, tenant_id, version))

    async def all(self, tenant_id: str) -> list[SchemaOut]:
        """The last 200 versions, the last first."""
        async with self._database.transaction([tenant_id]) as connection:
            return await _read(connection, tenant_id, None)

    async def annotate(self, tenant_id: str, version: int, annotations: Mapping[str, Annotation] | None) -> SchemaOut:
        """The annotations instead of those that are there; None: a model is asked. 409 once it has been active."""
        async with self._database.transaction([tenant_id]) as connection:
            schema = await _locked(connection, tenant_id, version)
            _require(schema, SchemaStatus.ANNOTATING, SchemaStatus.NEEDS_APPROVAL, SchemaStatus.READY)
            if annotations is None:
                await _set(connection, schema, status=SchemaStatus.ANNOTATING)
            else:
                await _set_annotations(connection, schema, annotations)
                unsure = any(annotation.needs_approval for annotation in annotations.values())
                status = SchemaStatus.NEEDS_APPROVAL if unsure else SchemaStatus.READY
                await _set(connection, schema, status=status, by="defaults")
            return _one(await _read(connection, tenant_id, version))

    async def approve(self, tenant_id: str, version: int, annotations: Mapping[str, Annotation]) -> SchemaOut:
        """Active by a person's word, with what he says otherwise. 409 for a version that was active before."""
        async with self._database.transaction([tenant_id]) as connection:
            schema = await _locked(connection, tenant_id, version)
            _require(schema, SchemaStatus.ANNOTATING, SchemaStatus.NEEDS_APPROVAL, SchemaStatus.READY)
            await _set_annotations(connection, schema, annotations)
            await _set(connection, schema, status=SchemaStatus.READY, by="person" if annotations else None)
            await connection.execute(
                "UPDATE schema_versions SET approved = true WHERE tenant_id = %s AND version = %s", (tenant_id, version)
            )
            await _activate(connection, tenant_id, version)
            approved = _one(await _read(connection, tenant_id, version))
        await self._tell(approved)
        return approved

    async def activate(self, tenant_id: str, version: int) -> SchemaOut:
        """Active, perhaps again; 409 for one that a person has to approve first."""
        async with self._database.transaction([tenant_id]) as connection:
            schema = await _locked(connection, tenant_id, version)
            if schema.status is SchemaStatus.ACTIVE:
                return schema
            unsure = not schema.approved and any(one.needs_approval for one in schema.classes)
            if unsure or schema.status is SchemaStatus.ANNOTATING:
                raise ApiError(409, "NEEDS_APPROVAL", "The annotation is not sure enough: approve this version.")
            await _activate(connection, tenant_id, version)
            active = _one(await _read(connection, tenant_id, version))
        await self._tell(active)
        return active

    async def deprecate(self, tenant_id: str, version: int) -> SchemaOut:
        """Out of use; of an active version the classes are not known any more, and their memories stay."""
        async with self._database.transaction([tenant_id]) as connection:
            schema = await _locked(connection, tenant_id, version)
            await _set(connection, schema, status=SchemaStatus.DEPRECATED)
            await connection.execute(
                "UPDATE schema_backfills SET status = 'superseded'"
                " WHERE tenant_id = %s AND version = %s AND status IN ('queued', 'running')",
                (tenant_id, version),
            )
            return _one(await _read(connection, tenant_id, version))

    async def backfill(self, tenant_id: str, version: int) -> SchemaOut:
        """Begins anew unless it is under way; 409 for a version that is not active."""
        async with self._database.transaction([tenant_id]) as connection:
            schema = await _locked(connection, tenant_id, version)
            _require(schema, SchemaStatus.ACTIVE)
        if schema.backfill is not None and schema.backfill.status in ("queued", "running"):
            return schema
        job = await self._jobs.ask(tenant_id, "schema.backfill", {"schema_version": version})
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(_AGAIN, {"tenant": tenant_id, "version": version, "job": job})
            return _one(await _read(connection, tenant_id, version))

    async def ask_model(self, schema: SchemaOut, seconds: float) -> SchemaOut:
        """The version once a model has annotated it, or as it stands when the time is over."""
        job = await self._jobs.ask(schema.tenant_id, "schema.annotate", {"schema_version": schema.version})
        await self._jobs.settled(job, seconds)
        return await self.get(schema.tenant_id, schema.version)

    async def _tell(self, schema: SchemaOut) -> None:
        """Workers are told of a backfill at once; they would find it by themselves soon."""
        backfill = schema.backfill
        if schema.status is SchemaStatus.ACTIVE and backfill is not None and backfill.status == "queued":
            parameters: dict[str, object] = {"schema_version": schema.version}
            await self._jobs.announce(backfill.job_id, schema.tenant_id, "schema.backfill", parameters)


async def _locked(connection: Connection, tenant_id: str, version: int) -> SchemaOut:
    await connection.execute(_LOCK, (tenant_id,))
    return _one(await _read(connection, tenant_id, version))


async def _read(connection: Connection, tenant_id: str, version: int | None) -> list[SchemaOut]:
    cursor = await connection.execute(_VERSIONS, {"tenant": tenant_id, "version": version})
    return [_shown(row) for row in await cursor.fetchall()]


def _shown(row: Mapping[str, Any]) -> SchemaOut:
    classes = [ClassOut.of(AnnotatedClass.model_validate(one)) for one in row["classes"]]
    backfill = None if row["backfill"] is None else BackfillOut.model_validate(row["backfill"])
    return SchemaOut.model_validate({**row, "classes": classes, "backfill": backfill})


def _one(found: Sequence[SchemaOut]) -> SchemaOut:
    if not found:
        raise not_found("Schema version")
    return found[0]


def _require(schema: SchemaOut, *allowed: SchemaStatus) -> None:
    if schema.status not in allowed:
        raise ApiError(409, "SCHEMA_STATUS", f"Version {schema.version} of the schema is {schema.status}.")


async def _set(connection: Connection, schema: SchemaOut, *, status: SchemaStatus, by: str | None = None) -> None:
    await connection.execute(
        "UPDATE schema_versions SET status = %s, annotated_by = coalesce(%s, annotated_by)"
        " WHERE tenant_id = %s AND version = %s",
        (status, by, schema.tenant_id, schema.version),
    )


async def _set_annotations(connection: Connection, schema: SchemaOut, annotations: Mapping[str, Annotation]) -> None:
    for name, annotation in annotations.items():
        await connection.execute(
            "UPDATE schema_classes SET annotation = %s WHERE tenant_id = %s AND version = %s AND name = %s",
            (Jsonb(annotation.model_dump(mode="json")), schema.tenant_id, schema.version, name),
        )


async def _activate(connection: Connection, tenant_id: str, version: int) -> None:
    await connection.execute("SELECT activate_schema(%s, %s)", (tenant_id, version))
