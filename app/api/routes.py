"""Every router of the service, in the order of the documentation."""

from copy import copy

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import compile_path

import app.applications.router
import app.auth.router
import app.backups.router
import app.budgets.router
import app.changes.router
import app.connections.router.certificate
import app.connections.router.connections
import app.connections.router.enforcement
import app.connections.router.testing
import app.consumers.router
import app.databases.router.databases
import app.databases.router.escrow
import app.databases.router.logical_databases
import app.databases.router.projects
import app.databases.router.railway
import app.events.router
import app.exports.router
import app.extensions.router
import app.imports.router
import app.jobs.router
import app.locations.router
import app.network.router
import app.parameters.router.settings
import app.platform.router
import app.policies.router
import app.pooling.router.commands
import app.pooling.router.pooler
import app.pooling.router.pools
import app.provisioning.router
import app.railway.router
import app.restores.router
import app.roles.router.credentials
import app.roles.router.roles
import app.rotations.router
import app.snapshots.router
import app.verifications.router
import app.webhooks.router

ROUTERS: tuple[APIRouter, ...] = (
    app.auth.router.router,
    app.databases.router.projects.router,
    app.databases.router.escrow.router,
    app.databases.router.databases.router,
    app.databases.router.logical_databases.router,
    app.provisioning.router.router,
    app.changes.router.router,
    app.consumers.router.router,
    app.applications.router.router,
    app.roles.router.roles.router,
    app.roles.router.credentials.router,
    app.rotations.router.router,
    app.network.router.router,
    app.connections.router.connections.router,
    app.connections.router.certificate.router,
    app.connections.router.testing.router,
    app.connections.router.enforcement.router,
    app.budgets.router.router,
    app.parameters.router.settings.router,
    app.extensions.router.router,
    app.pooling.router.pooler.router,
    app.pooling.router.pools.router,
    app.pooling.router.commands.router,
    app.platform.router.router,
    app.railway.router.router,
    app.databases.router.railway.router,
    app.locations.router.router,
    app.backups.router.router,
    app.policies.router.router,
    app.restores.router.router,
    app.verifications.router.router,
    app.exports.router.router,
    app.imports.router.router,
    app.snapshots.router.router,
    app.webhooks.router.router,
    app.jobs.router.router,
    app.events.router.router,
)

BASE = "/v1"


def mount(application: FastAPI) -> None:
    """Puts every route directly into the application: `include_router` would match each of them twice per request.

    The name of a route is its operation id, which names the methods of clients.
    """
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            mounted = copy(route)
            mounted.operation_id = route.name
            mounted.path = BASE + route.path
            mounted.path_regex, mounted.path_format, mounted.param_convertors = compile_path(mounted.path)
            application.router.routes.append(mounted)
