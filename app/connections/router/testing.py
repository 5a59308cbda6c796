"""/v1/databases/{id}/connection-tests: whether a connection works, and which layer is at fault."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth.dependencies import OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.connections.errors import LoginNotFound, LoginUnusable, NoSuchEndpoint
from app.connections.layers_at_railway import Consumer
from app.connections.testing import run_test
from app.connections.testing_schemas import ConnectionTestView, ConnectionTestWish, ServiceName
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseStateInvalid
from app.kit.ids import DatabaseId
from app.providers.protocol import NotSupported

router = APIRouter(prefix="/databases", tags=["connections"])

Reader = Annotated[Principal, requires_detached(Scope.CONNECTIONS_READ)]
VariableName = Annotated[str, Query(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,254}$")]


@router.post(
    "/{database_id}/connection-tests",
    responses=raises(
        DatabaseNotFound,
        DatabaseNotReady,
        DatabaseStateInvalid,
        LoginNotFound,
        LoginUnusable,
        NoSuchEndpoint,
        NotSupported,
    ),
)
async def create_connection_test(
    *,
    database_id: DatabaseId,
    wish: ConnectionTestWish,
    runtime: RuntimeDep,
    caller: Reader,
    later: OptionalLaterWriteDep,
    response: Response,
    consumer: Annotated[
        ServiceName | None, Query(description="A service at Railway, by its id or name: is its variable right, too?")
    ] = None,
    variable: VariableName = "DATABASE_URL",
) -> ConnectionTestView:
    """Tries a connection from here, layer by layer, and names the first that fails with what to do.

    Takes ten seconds at most. Nothing is made or changed, and no secret is told.
    """
    found = await run_test(
        runtime, database_id, wish, Consumer(consumer, variable) if consumer is not None else None, caller
    )
    async with later.begin() as (_, once):
        return once.keep(found, response)
