"""The ASGI application: routes and layers around the services it is given."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from mneme_gateway.auth.loopback_guard import LoopbackGuard
from mneme_gateway.description import DescribedApp
from mneme_gateway.error_handlers import add_error_handlers
from mneme_gateway.middleware.open_or_closed import OpenOrClosed
from mneme_gateway.middleware.request_checks import RequestChecks
from mneme_gateway.middleware.request_context import RequestContext
from mneme_gateway.routes import (
    admin_dead_letters,
    admin_jobs,
    admin_monitors,
    admin_reembed,
    admin_status,
    audit,
    context,
    conversations,
    corrections,
    decisions,
    dsr,
    extract,
    extraction,
    feedback,
    health,
    journal,
    keys,
    memories,
    memory_batches,
    memory_schemas,
    memory_versions,
    message_batches,
    messages,
    observe,
    operations,
    privacy,
    records,
    reflection,
    retrieval_params,
    search,
    search_policy,
)
from mneme_gateway.services import Services

VERSION = "0.1.0"
# Batches and searches before single records: their paths would be taken for ids.
_RESOURCES = (
    message_batches,
    messages,
    conversations,
    observe,
    memory_batches,
    search,
    search_policy,
    context,
    feedback,
    retrieval_params,
    corrections,
    memory_versions,
    memories,
    memory_schemas,
    records,
    extract,
    decisions,
    operations,
    keys,
    privacy,
    dsr,
    audit,
    admin_status,
    admin_monitors,
    admin_reembed,
    admin_dead_letters,
    extraction,
    reflection,
    admin_jobs,
    journal,
    health,
)


def create_app(services: Services, *, guarded: bool, request_timeout: float) -> FastAPI:
    """The application; ``guarded`` when nobody needs a key, so that only this machine may ask."""
    app = routes_alone(
        [
            Middleware(RequestContext, metrics=services.metrics, timeout_seconds=request_timeout),
            *([Middleware(LoopbackGuard)] if guarded else []),
            Middleware(OpenOrClosed, is_open=lambda: services.opening.is_open),
            Middleware(RequestChecks),
        ]
    )
    app.state.services = services
    add_error_handlers(app)
    return app


def routes_alone(layers: list[Middleware] | None = None) -> FastAPI:
    """The application without services: enough to describe it."""
    app = DescribedApp(
        title="Mneme",
        version=VERSION,
        summary="The memory layer for AI agents, in which memory is a log.",
        middleware=layers,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    for module in _RESOURCES:
        app.include_router(module.router)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
