"""What load balancers and operators ask: is the process alive, may it get requests, how does it fare."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from starlette.responses import JSONResponse, Response

from app.db import migrate
from app.jobs import metrics as job_metrics
from app.jobs.models import WorkerHeartbeat
from app.runtime import Runtime
from app.verifications import metrics as verification_metrics

log = structlog.get_logger()

# Workers write their heartbeat every few seconds; three of its losses in a row are no accident.
WORKER_SILENCE_SECONDS = 60


def mount(app: FastAPI) -> None:
    app.add_route("/livez", live, include_in_schema=False)
    app.add_route("/readyz", ready, include_in_schema=False)
    app.add_route("/metrics", metrics, include_in_schema=False)


async def live(_request: Request) -> Response:
    """Answers while the loop turns, and asks nobody else: a restart would not mend the database."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """503 while this process must not get requests. Without a worker it must: the API can still read and enqueue."""
    runtime: Runtime = request.app.state.runtime
    parts = {"draining": "yes" if runtime.stopping.is_set() else "ok", **await _database_parts(runtime)}
    needed = {name: state for name, state in parts.items() if name != "worker"}
    if any(state != "ok" for state in needed.values()):
        status = "unready"
    else:
        status = "ok" if parts.get("worker") == "ok" else "degraded"
    body: dict[str, Any] = {"status": status}
    if "verbose" in request.query_params:
        body["parts"] = parts
    return JSONResponse(body, status_code=503 if status == "unready" else 200)


async def metrics(request: Request) -> Response:
    """Requests of this application, jobs of this process, and queue and backups as they are now, if the database says."""
    runtime: Runtime = request.app.state.runtime
    try:
        async with runtime.sessions() as session:
            await job_metrics.look_at_queue(session)
            await verification_metrics.look_at_backups(session)
    except (SQLAlchemyError, OSError) as error:
        log.warning("metrics.database_failed", error=type(error).__name__)
    registries = (request.app.state.registry, job_metrics.REGISTRY, verification_metrics.REGISTRY)
    text = b"".join(generate_latest(registry) for registry in registries)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


async def _database_parts(runtime: Runtime) -> dict[str, str]:
    try:
        missing = await migrate.pending(runtime.engine)
        if missing:
            return {"database": "ok", "migrations": f"pending: {', '.join(sorted(missing))}"}
        return {"database": "ok", "migrations": "ok", "worker": "ok" if await _worker_is_seen(runtime) else "silent"}
    except (SQLAlchemyError, OSError) as error:
        log.warning("readiness.database_failed", error=type(error).__name__)
        return {"database": "unreachable"}


async def _worker_is_seen(runtime: Runtime) -> bool:
    recent = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, WORKER_SILENCE_SECONDS)
    async with runtime.sessions() as session:
        statement = select(col(WorkerHeartbeat.id)).where(col(WorkerHeartbeat.seen_at) > recent).limit(1)
        return (await session.exec(statement)).first() is not None
