"""The web application around a runtime that somebody else opened: `pgmanager serve`, the embedded stack or a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from app import __version__
from app.api import docs, health, openapi, problems, routes
from app.api.metrics import HttpMetrics
from app.api.middleware import BodyLimit, RequestContext
from app.auth.authenticator import Authenticator
from app.runtime import Runtime
from app.settings import ApiSettings


def create_app(runtime: Runtime | None = None) -> FastAPI:
    """Without a runtime the application can describe itself, and nothing else."""
    settings = runtime.settings.api if runtime else ApiSettings()
    app = FastAPI(
        title="Railway Postgres Manager",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # Spans and logs of the framework would carry input values.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    registry = CollectorRegistry()
    app.state.runtime = runtime
    app.state.registry = registry
    if runtime is not None:
        app.state.authenticator = Authenticator(runtime)
    problems.install(app)
    routes.mount(app)
    health.mount(app)
    openapi.install(app, settings)
    if settings.docs:
        docs.mount(app)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(RequestContext, metrics=HttpMetrics(registry))  # the last one added is the outermost
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with app.state.authenticator.running():
        yield
