"""Health and metrics: without a credential, and for all who ask (features.md, C12)."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mneme_gateway.routes.answers import answer
from mneme_gateway.schemas.health import Alive, Health, InstanceHealth
from mneme_gateway.schemas.parts import ErrorBody
from mneme_gateway.services import ServicesDep

router = APIRouter(tags=["health"])

_DOWN: dict[int | str, dict[str, object]] = {503: {"model": Health, "description": "The database cannot be reached."}}
_FAILED: dict[int | str, dict[str, object]] = {500: {"model": ErrorBody, "description": "Our fault."}}


@router.get("/health", response_class=Response, responses={200: {"content": {"text/plain": {"example": "ok"}}}})
async def get_liveness_text() -> Response:
    """The word ok: the process answers."""
    return Response("ok", media_type="text/plain")


@router.get("/healthz", response_model=Health, responses=_DOWN)
@router.get("/healthz/ready", response_model=Health, responses=_DOWN, operation_id="get_healthz_ready")
@router.get("/v1/admin/health", response_model=Health, responses=_DOWN, operation_id="get_admin_health")
@router.get("/v1/admin/readiness", response_model=Health, responses=_DOWN, operation_id="get_admin_readiness")
async def get_health(services: ServicesDep) -> Response:
    """What works and what does not; 503 when nothing can be answered."""
    health = await services.health.check()
    return answer(health, 503 if health.status == "down" else 200)


@router.get("/healthz/live", response_model=Alive, responses=_FAILED)
async def get_liveness() -> Response:
    """The process answers."""
    return answer(Alive())


@router.get(
    "/health/instance",
    response_model=InstanceHealth,
    responses={503: {"model": InstanceHealth, "description": "The database cannot be reached."}},
)
async def get_instance(services: ServicesDep) -> Response:
    """This process and its database."""
    health = await services.health.check()
    about = services.health.about
    body = InstanceHealth(status=health.status, instance_id=about.instance_id, db=health.database)
    return answer(body, 503 if health.status == "down" else 200)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def get_metrics(services: ServicesDep) -> Response:
    """The gateway's metrics in Prometheus' text format."""
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)
