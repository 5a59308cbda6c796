"""/v1/databases, as far as the record of a database goes; making and removing one belongs to provisioning."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response

from app.auth.dependencies import PagingDep, RuntimeDep, SessionDep, requires, requires_detached
from app.auth.errors import ScopeMissing
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.access import visible_database
from app.databases.errors import (
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseStateInvalid,
    LabelNotApplicable,
    NameTaken,
)
from app.databases.models import DatabaseState, ProviderName
from app.databases.repository import DatabaseRepository
from app.databases.schemas import (
    DatabaseFilter,
    DatabaseUpdate,
    DatabaseView,
    VariablesSource,
    VariablesView,
)
from app.databases.service.databases import DatabaseService
from app.databases.service.railway_variables import railway_variables
from app.events.repository import EventRepository
from app.events.schemas import EventView
from app.kit.etags import PreconditionFailed, entity_tag, is_known
from app.kit.ids import DatabaseId, EnvironmentId, ProjectId
from app.kit.pagination import CursorInvalid, Page
from app.providers.protocol import NotSupported
from app.providers.railway.errors import RailwayNotAuthorized, RailwayUnavailable

router = APIRouter(prefix="/databases", tags=["databases"])

DatabaseReader = Annotated[Principal, requires(Scope.DATABASES_READ)]
DatabaseWriter = Annotated[Principal, requires(Scope.DATABASES_WRITE)]
ConnectionReader = Annotated[Principal, requires_detached(Scope.CONNECTIONS_READ)]
IfMatch = Annotated[str | None, Header(description="The ETag that the change was decided on; another one answers 412.")]
IfNoneMatch = Annotated[str | None, Header(description="An ETag; the answer is 304 while it is the current one.")]
Label = Annotated[str, Query(pattern=r"^[a-z0-9._/-]{1,63}:[^\x00-\x1f\x7f]{0,200}$")]


async def get_service(session: SessionDep, runtime: RuntimeDep) -> DatabaseService:
    return DatabaseService(session, runtime.key_ring, runtime.clock, runtime.settings)


Service = Annotated[DatabaseService, Depends(get_service)]


@router.get("", responses=raises(CursorInvalid))
async def list_databases(
    *,
    session: SessionDep,
    caller: DatabaseReader,
    paging: PagingDep,
    project_id: ProjectId | None = None,
    environment_id: EnvironmentId | None = None,
    state: Annotated[list[DatabaseState] | None, Query(description="All but deleted ones when not given.")] = None,
    provider: ProviderName | None = None,
    label: Annotated[list[Label] | None, Query(description="`key:value`; all of several must match.")] = None,
) -> Page[DatabaseView]:
    """Newest first."""
    wanted = DatabaseFilter(
        project_id=project_id,
        environment_id=environment_id,
        states=state,
        provider=provider,
        labels=dict(pair.split(":", 1) for pair in label or ()),
    )
    (before,) = paging.after() or (None,)
    databases = await DatabaseRepository(session).page(wanted, caller.project_ids, before=before, limit=paging.probe)
    return paging.cut(databases, DatabaseView.of, position=lambda database: (database.id,))


@router.get("/{database_id}", responses=raises(DatabaseNotFound))
async def get_database(
    database_id: DatabaseId,
    session: SessionDep,
    caller: DatabaseReader,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> DatabaseView:
    """Deleted databases can still be read, since their backups outlive them."""
    database = await visible_database(session, database_id, caller)
    tag = entity_tag(database.revision)
    if is_known(if_none_match, database.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return DatabaseView.of(database)


@router.patch(
    "/{database_id}",
    responses=raises(DatabaseNotFound, DatabaseStateInvalid, LabelNotApplicable, NameTaken, PreconditionFailed),
)
async def update_database(
    *,
    database_id: DatabaseId,
    wish: DatabaseUpdate,
    caller: DatabaseWriter,
    service: Service,
    response: Response,
    if_match: IfMatch = None,
) -> DatabaseView:
    """Renames, labels or protects it. The server itself is not touched."""
    database = await service.update(database_id, wish, caller, if_match=if_match)
    response.headers["ETag"] = entity_tag(database.revision)
    return DatabaseView.of(database)


@router.get(
    "/{database_id}/variables",
    responses=raises(
        DatabaseNotFound, DatabaseNotReady, NotSupported, RailwayNotAuthorized, RailwayUnavailable, ScopeMissing
    ),
)
async def get_database_variables(
    database_id: DatabaseId,
    caller: ConnectionReader,
    runtime: RuntimeDep,
    response: Response,
    *,
    source: Annotated[
        VariablesSource, Query(description="`railway`: those of the service at Railway, in place of ours.")
    ] = VariablesSource.OWN,
    rendered: Annotated[bool, Query(description="False: Railway's with their references, as they are written.")] = True,
    reveal: Annotated[
        bool, Query(description="Show passwords. Needs the scope secrets:reveal, and is audited.")
    ] = False,
) -> VariablesView:
    """What an application needs to connect: `DATABASE_URL`, `PGHOST` and so on. Or all that its service at Railway has."""
    response.headers["Cache-Control"] = "no-store"
    if source is VariablesSource.RAILWAY:
        found = await railway_variables(runtime, database_id, caller, rendered=rendered, reveal=reveal)
        return VariablesView(variables=found, revealed=reveal)
    async with runtime.sessions() as session, session.begin():
        found = await (await get_service(session, runtime)).variables(database_id, caller, reveal=reveal)
    return VariablesView(variables=found, revealed=reveal)


@router.get("/{database_id}/events", responses=raises(DatabaseNotFound, CursorInvalid))
async def list_database_events(
    database_id: DatabaseId, session: SessionDep, caller: DatabaseReader, paging: PagingDep
) -> Page[EventView]:
    """What happened to the database, newest first."""
    await visible_database(session, database_id, caller)
    (before,) = paging.after() or (None,)
    events = await EventRepository(session).of_database(database_id, before=before, limit=paging.probe)
    return paging.cut(events, EventView.of, position=lambda event: (event.id,))
