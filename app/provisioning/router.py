"""What changes whole databases: POST /v1/databases, :restart, DELETE."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from app.auth.dependencies import (
    IdempotencyDep,
    LaterWriteDep,
    OptionalIdempotencyDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid, NameTaken
from app.databases.models import Database
from app.databases.schemas import DatabaseView
from app.jobs.enqueue import OnConflict
from app.jobs.errors import JobConflict
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, encode_id
from app.postgres.connection_string import parse_connection_string
from app.postgres.errors import AuthenticationFailed, ConnectionStringInvalid, ServerUnreachable, TlsFailed, ToolMissing
from app.postgres.version import server_version
from app.providers.protocol import NotSupported
from app.providers.railway.errors import RailwayOutOfReach, RailwayTokenInvalid, RailwayUnavailable
from app.providers.railway.patches import StagedChangesForeign
from app.provisioning.adopting import look_at
from app.provisioning.errors import (
    ConfirmationMissing,
    ConnectionMissing,
    DatabaseProtected,
    EnvironmentLinkedElsewhere,
    EnvironmentMissing,
    FinalBackupImpossible,
    PoolerInTheWay,
    ProviderUnknown,
    RailwayEnvironmentMismatch,
    RailwayEnvironmentUnnamed,
    RegionUnknown,
    ServerUnattended,
    ServiceAdopted,
    ServiceMissing,
    ServiceNotPostgres,
)
from app.provisioning.schemas import (
    DatabaseAccepted,
    DatabaseCreate,
    ExternalDatabaseAdopt,
    RailwayDatabaseCreate,
    RailwayServiceAdopt,
)
from app.provisioning.service import ProvisioningService
from app.provisioning.sites import plan_of, require_free, require_region, site_of

router = APIRouter(prefix="/databases", tags=["databases"])


async def provisioning(session: SessionDep, runtime: RuntimeDep) -> ProvisioningService:
    return ProvisioningService(session, runtime)


Service = Annotated[ProvisioningService, Depends(provisioning)]
Creator = Annotated[Principal, requires_detached(Scope.DATABASES_WRITE)]
Writer = Annotated[Principal, requires(Scope.DATABASES_WRITE)]
Operator = Annotated[Principal, requires(Scope.DATABASES_OPERATE)]


@router.post(
    "",
    status_code=202,
    responses={
        201: {"model": DatabaseAccepted, "description": "The server was adopted; there is no job."},
        **raises(
            NameTaken,
            ProviderUnknown,
            ToolMissing,
            ConnectionStringInvalid,
            AuthenticationFailed,
            TlsFailed,
            ServerUnreachable,
            EnvironmentMissing,
            ConnectionMissing,
            EnvironmentLinkedElsewhere,
            RailwayEnvironmentUnnamed,
            RailwayEnvironmentMismatch,
            StagedChangesForeign,
            RegionUnknown,
            ServiceMissing,
            ServiceNotPostgres,
            ServiceAdopted,
            RailwayTokenInvalid,
            RailwayOutOfReach,
            RailwayUnavailable,
        ),
    },
)
async def create_database(
    wish: Annotated[DatabaseCreate, Body()],
    runtime: RuntimeDep,
    caller: Creator,
    later: LaterWriteDep,
    response: Response,
) -> DatabaseAccepted:
    """Creates a server (202, with the job that makes it), or adopts one that exists (201).

    An adopted server is reached before it is accepted: a wrong address or password is the answer, not a failed job. One at
    Railway that is private, and so cannot be reached from here, is accepted with a remark in `state_reason`.
    """
    if isinstance(wish, ExternalDatabaseAdopt):
        server = parse_connection_string(wish.connection_string.get_secret_value(), ca_pem=wish.ca_pem)
        version = await server_version(server)
        async with later.begin() as (session, once):
            database = await ProvisioningService(session, runtime).adopt(wish, server, version, caller)
            response.status_code = 201
            return once.keep(_answer(database, None, response), response)
    if isinstance(wish, RailwayServiceAdopt):
        site = await site_of(runtime, wish, caller, config=True)
        adoptee = await look_at(runtime, site, wish)
        async with later.begin() as (session, once):
            database = await ProvisioningService(session, runtime).adopt_service(wish, adoptee, caller)
            response.status_code = 201
            return once.keep(_answer(database, None, response), response)
    if isinstance(wish, RailwayDatabaseCreate):
        site = await site_of(runtime, wish, caller)
        await require_free(site, wish, caller)
        await require_region(site, wish)
        async with later.begin() as (session, once):
            database, job = await ProvisioningService(session, runtime).create_at_railway(wish, site, caller)
            answer = _answer(database, job, response).model_copy(update={"railway": plan_of(site, wish)})
            return once.keep(answer, response)
    async with later.begin() as (session, once):
        database, job = await ProvisioningService(session, runtime).create(wish, caller)
        return once.keep(_answer(database, job, response), response)


@router.post(
    "/{database_id}:restart",
    status_code=202,
    responses=raises(DatabaseNotFound, JobConflict, DatabaseStateInvalid, NotSupported),
)
async def restart_database(
    database_id: DatabaseId,
    service: Service,
    caller: Operator,
    once: IdempotencyDep,
    response: Response,
    on_conflict: OnConflict = OnConflict.FAIL,
) -> DatabaseAccepted:
    """Restarts the server after a checkpoint. Sessions are cut; the outage is shown by the job's steps."""
    database, job = await service.restart(database_id, caller, on_conflict)
    return once.keep(_answer(database, job, response), response)


@router.delete(
    "/{database_id}",
    status_code=202,
    responses=raises(
        DatabaseNotFound,
        DatabaseProtected,
        ServerUnattended,
        ConfirmationMissing,
        FinalBackupImpossible,
        PoolerInTheWay,
        JobConflict,
        DatabaseStateInvalid,
    ),
)
async def delete_database(
    *,
    database_id: DatabaseId,
    service: Service,
    caller: Writer,
    once: OptionalIdempotencyDep,
    response: Response,
    confirm: Annotated[str, Query(description="The database's name, to say that you mean it.")] = "",
    final_backup: Annotated[
        bool | None,
        Query(
            description="Back up every logical database first; the default in production, unless the server is kept."
        ),
    ] = None,
    keep_server: Annotated[
        bool,
        Query(
            description="Only forget the database: whoever runs its server goes on, and nothing is asked of Railway."
        ),
    ] = False,
) -> DatabaseAccepted:
    """Deletes the server and its data, or with `keep_server=true` only what is known of it here. Its backups stay.

    `dry_run=true` needs no `confirm` and tells what would go: at Railway which service, and which volume.
    """
    database, job, plan = await service.delete(
        database_id,
        caller,
        confirm=None if once.is_dry_run else confirm,
        final_backup=final_backup,
        keep_server=keep_server,
    )
    return once.keep(_answer(database, job, response).model_copy(update={"plan": plan}), response)


def _answer(database: Database, job: Job | None, response: Response) -> DatabaseAccepted:
    view = JobView.of(job) if job else None
    response.headers["Location"] = view.links["self"] if view else f"/v1/databases/{encode_id('db', database.id)}"
    if view:
        response.headers["Retry-After"] = "1"
    return DatabaseAccepted(database=DatabaseView.of(database), job=view)
