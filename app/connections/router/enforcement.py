"""/v1/databases/{id}/tls-enforcement: whether the server takes sessions without TLS."""

from typing import Annotated

from fastapi import APIRouter, Response

from app.auth.audit import audit
from app.auth.dependencies import OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.connections.certificate_errors import EnforcementBusy, EnforcementByHand, EnforcementUndone
from app.connections.enforcement import enforce, enforcement_of
from app.connections.enforcement_schemas import TlsEnforcementView, TlsEnforcementWish
from app.databases.access import visible_database
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable
from app.events.emit import emit
from app.kit.ids import DatabaseId, encode_id
from app.postgres.errors import AuthenticationFailed, ServerUnreachable, TlsFailed

router = APIRouter(prefix="/databases", tags=["connections"])

Reader = Annotated[Principal, requires_detached(Scope.CONNECTIONS_READ)]
Writer = Annotated[Principal, requires_detached(Scope.CONNECTIONS_WRITE)]

_REFUSALS = (
    AuthenticationFailed,
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseUnreachable,
    ServerUnreachable,
    TlsFailed,
)


@router.get("/{database_id}/tls-enforcement", responses=raises(*_REFUSALS))
async def get_tls_enforcement(database_id: DatabaseId, runtime: RuntimeDep, caller: Reader) -> TlsEnforcementView:
    """Whether the server's rules let sessions in that are not encrypted, what would have to change, and who is without now."""
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
    return await enforcement_of(runtime, database)


@router.put(
    "/{database_id}/tls-enforcement",
    responses=raises(*_REFUSALS, EnforcementBusy, EnforcementByHand, EnforcementUndone),
)
async def set_tls_enforcement(
    *,
    database_id: DatabaseId,
    wish: TlsEnforcementWish,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> TlsEnforcementView:
    """Refuses sessions without TLS (`required`), or takes back what was changed for that (`off`).

    It holds when this answers: a login without TLS was tried, and one of our own with TLS, or everything is as it was.
    Sessions that are there already go on; a dry run lists those that could not come again.
    """
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
    # The trail before it, since nothing else would tell of a change that a crash has kept from being answered.
    async with later.begin() as (session, _):
        audit(
            session,
            caller,
            "set_tls_enforcement",
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"name": database.name, "mode": wish.mode.value},
        )
    found = await enforce(runtime, database, wish.mode, is_dry_run=later.is_dry_run)
    async with later.begin() as (session, once):
        emit(
            session,
            "tls_enforcement.changed",
            project_id=database.project_id,
            database_id=database.id,
            mode=wish.mode.value,
            changed_lines=len(found.changes),
        )
        return once.keep(found, response)
