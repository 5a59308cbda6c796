"""/v1/databases/{id}/connections and /connection-strings: where a database is entered, and how a client does it."""

from typing import Annotated

from fastapi import APIRouter, Response

from app.auth.dependencies import OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch, ScopeMissing
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.connections.errors import LoginNotFound, LoginUnusable, NoSuchEndpoint, TlsModeImpossible
from app.connections.schemas import ConnectionStringsView, ConnectionStringsWish, ConnectionsView
from app.connections.service import connections_of, entrance_of, strings_of
from app.databases.errors import DatabaseNotFound, DatabaseNotReady
from app.kit.ids import DatabaseId

router = APIRouter(prefix="/databases", tags=["connections"])

Reader = Annotated[Principal, requires_detached(Scope.CONNECTIONS_READ)]


@router.get("/{database_id}/connections", responses=raises(DatabaseNotFound, DatabaseNotReady))
async def get_database_connections(database_id: DatabaseId, runtime: RuntimeDep, caller: Reader) -> ConnectionsView:
    """Its addresses, which consumer should use which and why, and what of TLS can be verified. Without any secret.

    From what is on record and what was last seen at Railway; the server is not asked.
    """
    return await connections_of(runtime, database_id, caller)


@router.post(
    "/{database_id}/connection-strings",
    responses=raises(
        DatabaseNotFound,
        DatabaseNotReady,
        IdempotencyInFlight,
        IdempotencyMismatch,
        LoginNotFound,
        LoginUnusable,
        NoSuchEndpoint,
        ScopeMissing,
        TlsModeImpossible,
    ),
)
async def create_connection_strings(
    *,
    database_id: DatabaseId,
    wish: ConnectionStringsWish,
    runtime: RuntimeDep,
    caller: Reader,
    later: OptionalLaterWriteDep,
    response: Response,
) -> ConnectionStringsView:
    """What a client needs: a programme as a complete file, the environment that it reads, and what to beware of.

    Nothing is made or changed. The password is masked unless `reveal` is true.
    """
    response.headers["Cache-Control"] = "no-store"
    found = await entrance_of(runtime, database_id, caller)
    async with later.begin() as (session, once):
        reveal = wish.reveal and not later.is_dry_run
        view = await strings_of(session, runtime, found, wish, caller, reveal=reveal)
        return once.keep(view, response, without=("text", "environment") if wish.reveal else ())
