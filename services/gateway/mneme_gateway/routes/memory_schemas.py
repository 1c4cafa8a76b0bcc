"""The schema registry: classes of memories that a tenant defines (features.md, S1-39 to S1-41, S1-48)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import ValidationError

from mneme_common.domain.limits import VERSION_MAX
from mneme_common.domain.memory_schema import (
    AnnotatedClass,
    Annotation,
    ClassDefinition,
    SchemaStatus,
    annotation_fault,
)
from mneme_gateway.auth.caller import Caller, CallerDep
from mneme_gateway.auth.operators import operated_tenant
from mneme_gateway.decide.annotation import annotate
from mneme_gateway.errors import ApiError, invalid_field
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.memory_schemas import (
    AnnotateIn,
    AnnotationIn,
    ApproveIn,
    ClassIn,
    SchemaActionIn,
    SchemaIn,
    SchemaOut,
    SchemaPage,
)
from mneme_gateway.schemas.parts import TenantId
from mneme_gateway.services import Services, ServicesDep
from mneme_gateway.writing.scrubbing import scrubbed_text

router = APIRouter(prefix="/v1/schemas", tags=["schemas"], route_class=JsonRoute)

VersionPath = Annotated[int, Path(ge=1, le=VERSION_MAX, description="The number of a version.")]
TenantQuery = Annotated[TenantId | None, Query()]


@router.post("", status_code=201, response_model=SchemaOut, responses=errors(403, 404))
async def create_schema(body: SchemaIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep) -> Response:
    """The next version of a tenant's classes: annotated, and active at once when its annotation is sure enough.

    A language model annotates it where there is one; it is `annotating` until the model has answered.
    """
    tenant_id = await _tenant(caller, services, body.tenant_id)
    classes = [await _annotated(services, tenant_id, one) for one in body.classes]
    by_person = all(one.annotation is not None for one in body.classes)
    by_model = services.reads_with_model and not by_person
    unsure = any(one.annotation.needs_approval for one in classes)
    status = SchemaStatus.ANNOTATING if by_model else SchemaStatus.NEEDS_APPROVAL if unsure else SchemaStatus.READY
    by = "person" if by_person else "defaults"
    made = await services.schemas.create(tenant_id, classes, status, by, activate=body.activate)
    if by_model:
        made = await services.schemas.ask_model(made, options.wait_seconds)
    return answer(made, 201, {"Location": f"/v1/schemas/{made.version}"})


@router.get("", response_model=SchemaPage, responses=errors(403, 404))
async def list_schemas(caller: CallerDep, services: ServicesDep, tenant_id: TenantQuery = None) -> Response:
    """All versions, the last first."""
    return answer(SchemaPage(items=await services.schemas.all(await _tenant(caller, services, tenant_id))))


@router.get("/{version}", response_model=SchemaOut, responses=errors(403, 404))
async def get_schema(
    version: VersionPath, caller: CallerDep, services: ServicesDep, tenant_id: TenantQuery = None
) -> Response:
    """One version, with how far its backfill has come."""
    return answer(await services.schemas.get(await _tenant(caller, services, tenant_id), version))


@router.post("/{version}/annotate", response_model=SchemaOut, responses=errors(403, 404, 409))
async def annotate_schema(
    version: VersionPath, body: AnnotateIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Annotates anew a version that has not been active."""
    tenant_id = await _tenant(caller, services, body.tenant_id)
    if body.by == "model" and not services.reads_with_model:
        raise ApiError(409, "NO_MODEL", "No language model is configured.")
    if body.by == "model" or (body.by is None and services.reads_with_model):
        asked = await services.schemas.annotate(tenant_id, version, None)
        return answer(await services.schemas.ask_model(asked, options.wait_seconds))
    known = await services.schemas.get(tenant_id, version)
    annotations = {
        one.name: annotate(ClassDefinition(name=one.name, kind=one.kind, columns=tuple(one.columns)))
        for one in known.classes
    }
    return answer(await services.schemas.annotate(tenant_id, version, annotations))


@router.post("/{version}/approve", response_model=SchemaOut, responses=errors(403, 404, 409))
async def approve_schema(version: VersionPath, body: ApproveIn, caller: CallerDep, services: ServicesDep) -> Response:
    """A person's word that the annotation is right, or how it is right; the version is active from then on."""
    tenant_id = await _tenant(caller, services, body.tenant_id)
    known = await services.schemas.get(tenant_id, version)
    annotations = _given(known, body.annotations)
    return answer(await services.schemas.approve(tenant_id, version, annotations))


@router.post("/{version}/activate", response_model=SchemaOut, responses=errors(403, 404, 409))
async def activate_schema(
    version: VersionPath, body: SchemaActionIn, caller: CallerDep, services: ServicesDep
) -> Response:
    """Makes a version the active one, also one of before; what was remembered follows by a backfill."""
    return answer(await services.schemas.activate(await _tenant(caller, services, body.tenant_id), version))


@router.post("/{version}/deprecate", response_model=SchemaOut, responses=errors(403, 404))
async def deprecate_schema(
    version: VersionPath, body: SchemaActionIn, caller: CallerDep, services: ServicesDep
) -> Response:
    """Takes a version out of use; memories of its classes stay, and are written no more."""
    return answer(await services.schemas.deprecate(await _tenant(caller, services, body.tenant_id), version))


@router.post("/{version}/backfill", status_code=202, response_model=SchemaOut, responses=errors(403, 404, 409))
async def backfill_schema(
    version: VersionPath, body: SchemaActionIn, caller: CallerDep, services: ServicesDep
) -> Response:
    """Brings memories up to date with the active version once more; `backfill` says how far that is."""
    return answer(await services.schemas.backfill(await _tenant(caller, services, body.tenant_id), version), 202)


async def _tenant(caller: Caller, services: Services, tenant_id: str | None) -> str:
    return await operated_tenant(caller, services.tenants, tenant_id)


async def _annotated(services: Services, tenant_id: str, given: ClassIn) -> AnnotatedClass:
    """The class without personal data in what it says of itself, annotated."""
    scrubber = await services.privacy.scrubber(tenant_id)
    plain = given.definition().model_dump(mode="json", by_alias=True)
    plain["description"] = scrubbed_text(plain["description"], "description", scrubber)
    for column in plain["columns"]:
        column["description"] = scrubbed_text(column["description"], "columns.description", scrubber)
        if column["enum"] is not None:
            column["enum"] = [scrubbed_text(choice, "columns.enum", scrubber) for choice in column["enum"]]
    try:
        definition = ClassDefinition.model_validate(plain)
    except ValidationError:
        raise invalid_field("classes", "cannot hold once personal data in it is replaced") from None
    annotation = annotate(definition) if given.annotation is None else given.annotation.as_annotation()
    return AnnotatedClass(definition=definition, annotation=annotation)


def _given(known: SchemaOut, annotations: Mapping[str, AnnotationIn]) -> dict[str, Annotation]:
    """The annotations of a person; raises ApiError 422 for one of no class, or of columns that it does not have."""
    classes = {one.name: one for one in known.classes}
    found = {}
    for name, given in annotations.items():
        if name not in classes:
            raise invalid_field("annotations", f"version {known.version} has no class {name}")
        annotation = given.as_annotation()
        fault = annotation_fault(ClassDefinition(name=name, columns=tuple(classes[name].columns)), annotation)
        if fault is not None:
            raise invalid_field("annotations", fault)
        found[name] = annotation
    return found
