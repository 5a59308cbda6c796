"""/v1/databases/{id}/extensions: what a logical database has, and what it could have."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel

from app.auth.audit import audit
from app.auth.dependencies import LaterWrite, OptionalLaterWriteDep, PagingDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.access import require_reach_from_here, target_of, visible_database
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable
from app.databases.models import Database
from app.events.emit import emit
from app.extensions.errors import (
    ExtensionNotInstalled,
    ExtensionUnavailable,
    ExtensionVersionUnknown,
    PreloadRequired,
)
from app.extensions.known import PRELOADED
from app.extensions.schemas import AvailableExtensionView, ExtensionName, ExtensionPut, ExtensionRemoved, is_preloaded
from app.kit.ids import DatabaseId, encode_id
from app.kit.names import PostgresName
from app.kit.pagination import CursorInvalid, Page
from app.postgres.connect import Session, connect
from app.postgres.errors import (
    AuthenticationFailed,
    DatabaseAbsent,
    LockTimeout,
    PrivilegeMissing,
    QueryFailed,
    ServerUnreachable,
)
from app.postgres.extensions import (
    Extension,
    ExtensionInUse,
    alter_extension,
    create_extension,
    drop_extension,
    extensions,
    preloaded,
)
from app.runtime import Runtime

router = APIRouter(prefix="/databases", tags=["extensions"])

Reader = Annotated[Principal, requires_detached(Scope.EXTENSIONS_READ)]
Writer = Annotated[Principal, requires_detached(Scope.EXTENSIONS_WRITE)]
Where = Annotated[PostgresName | None, Query(description="The default one when not given.")]
Answer = TypeVar("Answer", bound=BaseModel)

# The scripts of some extensions make thousands of objects.
_STATEMENT_SECONDS = 120.0
_OF_SERVER = (
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseUnreachable,
    DatabaseAbsent,
    AuthenticationFailed,
    ServerUnreachable,
)
_OF_CHANGES = (*_OF_SERVER, PrivilegeMissing, LockTimeout, QueryFailed)


@dataclass(frozen=True, slots=True)
class _Place:
    """One logical database, and a session in it."""

    database: Database
    logical_database: str
    session: Session

    async def find(self, name: str) -> Extension | None:
        return (await extensions(self.session)).get(name)

    async def view(self, name: str) -> AvailableExtensionView:
        found = await self.find(name)
        if found is None or found.installed is None:
            raise ExtensionNotInstalled(name, self.logical_database)
        return AvailableExtensionView.of(found, await preloaded(self.session))


@router.get("/{database_id}/extensions", responses=raises(*_OF_SERVER, CursorInvalid))
async def list_extensions(
    *,
    database_id: DatabaseId,
    caller: Reader,
    runtime: RuntimeDep,
    paging: PagingDep,
    logical_database: Where = None,
    installed: Annotated[bool | None, Query(description="Only those that it has, or only the others.")] = None,
) -> Page[AvailableExtensionView]:
    """The extensions that the server offers, by name, and which of them the logical database has."""
    (after,) = paging.after() or ("",)
    async with _place(runtime, database_id, caller, logical_database) as place:
        loaded = await preloaded(place.session)
        found = sorted((await extensions(place.session)).values(), key=lambda it: it.name)
    wanted = [it for it in found if it.name > after and (installed is None or installed is (it.installed is not None))]
    return paging.cut(wanted, lambda it: AvailableExtensionView.of(it, loaded), position=lambda it: (it.name,))


@router.put(
    "/{database_id}/extensions/{name}",
    responses={
        201: {"model": AvailableExtensionView, "description": "The logical database did not have it."},
        **raises(*_OF_CHANGES, ExtensionUnavailable, ExtensionVersionUnknown, PreloadRequired),
    },
)
async def put_extension(
    *,
    database_id: DatabaseId,
    name: ExtensionName,
    wish: Annotated[ExtensionPut, Body(default_factory=ExtensionPut)],
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    logical_database: Where = None,
) -> AvailableExtensionView:
    """Creates the extension, or brings the one that is there to that version and into that schema."""
    async with _place(runtime, database_id, caller, logical_database) as place:

        async def work() -> AvailableExtensionView:
            offered, loaded = await extensions(place.session), await preloaded(place.session)
            found = _offered(offered, name, wish.version)
            if found.installed is None:
                _require_preloaded(place.database, name, loaded)
                response.status_code = 201
            if later.is_dry_run:
                return AvailableExtensionView.of(found, loaded)
            if found.installed is None:
                await create_extension(
                    place.session, name, version=wish.version, schema=wish.schema_name, cascade=wish.cascade
                )
            else:
                version = wish.version if wish.version != found.installed else None
                schema = wish.schema_name if wish.schema_name != found.schema else None
                await alter_extension(place.session, name, version=version, schema=schema)
            return await place.view(name)

        return await _change(place, later, caller, response, "put_extension", name, work)


@router.post(
    "/{database_id}/extensions/{name}:update",
    responses=raises(*_OF_CHANGES, ExtensionNotInstalled, ExtensionUnavailable),
)
async def update_extension(
    *,
    database_id: DatabaseId,
    name: ExtensionName,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    logical_database: Where = None,
) -> AvailableExtensionView:
    """Brings it to the newest version of the server's packages, which is worth a try after each upgrade of those."""
    async with _place(runtime, database_id, caller, logical_database) as place:

        async def work() -> AvailableExtensionView:
            found = await place.find(name)
            if found is None or found.installed is None:
                raise ExtensionNotInstalled(name, place.logical_database)
            if found.newest is None:
                raise ExtensionUnavailable(name, [])
            if not later.is_dry_run and found.newest != found.installed:
                await alter_extension(place.session, name, version=found.newest, schema=None)
            return await place.view(name)

        return await _change(place, later, caller, response, "update_extension", name, work)


@router.delete(
    "/{database_id}/extensions/{name}", responses=raises(*_OF_CHANGES, ExtensionNotInstalled, ExtensionInUse)
)
async def delete_extension(
    *,
    database_id: DatabaseId,
    name: ExtensionName,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    logical_database: Where = None,
    cascade: Annotated[bool, Query(description="Drop what needs it as well: columns, views, functions.")] = False,
) -> ExtensionRemoved:
    """Drops the extension and its objects. A dry run says what `cascade` would take with it."""
    async with _place(runtime, database_id, caller, logical_database) as place:

        async def work() -> ExtensionRemoved:
            found = await place.find(name)
            if found is None or found.installed is None:
                raise ExtensionNotInstalled(name, place.logical_database)
            dropped = await drop_extension(place.session, name, cascade=cascade, dry_run=later.is_dry_run)
            return ExtensionRemoved(name=name, dropped=dropped)

        return await _change(place, later, caller, response, "delete_extension", name, work)


async def _change(
    place: _Place,
    later: LaterWrite,
    caller: Principal,
    response: Response,
    action: str,
    name: str,
    work: Callable[[], Awaitable[Answer]],
) -> Answer:
    """The trail before it, since nothing else would tell of one that a crash has kept from being answered."""
    database = place.database
    details: dict[str, Any] = {"logical_database": place.logical_database, "extension": name}
    async with later.begin() as (session, _):
        audit(
            session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"name": database.name, **details},
        )
    answer = await work()
    async with later.begin() as (session, once):
        emit(session, "extensions.changed", project_id=database.project_id, database_id=database.id, **details)
        return once.keep(answer, response)


@asynccontextmanager
async def _place(
    runtime: Runtime, database_id: DatabaseId, caller: Principal, logical_database: str | None
) -> AsyncIterator[_Place]:
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
    require_reach_from_here(database, runtime)
    target = target_of(database, runtime.key_ring, database_name=logical_database)
    async with connect(
        target, application_name="pgmanager extensions", statement_timeout_seconds=_STATEMENT_SECONDS
    ) as connection:
        yield _Place(database, target.database, connection)


def _offered(offered: dict[str, Extension], name: str, version: str | None) -> Extension:
    """Raises ExtensionUnavailable, ExtensionVersionUnknown."""
    found = offered.get(name)
    if found is None or found.newest is None:
        raise ExtensionUnavailable(name, get_close_matches(name, list(offered), n=3))
    if version is not None and version != found.installed and version not in found.versions:
        raise ExtensionVersionUnknown(name, version, found.versions)
    return found


def _require_preloaded(database: Database, name: str, loaded: str | None) -> None:
    library = PRELOADED.get(name)
    if library is not None and loaded is not None and not is_preloaded(library, loaded):
        raise PreloadRequired(database.id, name, library, loaded)
