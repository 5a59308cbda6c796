"""/v1/databases/{id}/logical-databases: the databases inside a server."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Body, Query, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.dependencies import LaterWrite, OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.access import require_reach_from_here, target_of, visible_database
from app.databases.errors import (
    ConfirmationOfLogicalDatabaseMissing,
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseUnreachable,
    LogicalDatabaseDiffers,
    LogicalDatabaseNotFound,
    LogicalDatabaseReserved,
)
from app.databases.models import Database
from app.databases.schemas import LogicalDatabasePut, LogicalDatabasesView, LogicalDatabaseView
from app.events.emit import emit
from app.kit.ids import DatabaseId, encode_id
from app.kit.names import PostgresName
from app.postgres.connect import Session
from app.postgres.errors import AuthenticationFailed, PrivilegeMissing, QueryFailed, ServerUnreachable
from app.postgres.logical_databases import (
    LogicalDatabase,
    LogicalDatabaseInUse,
    NewDatabase,
    alter_logical_database,
    create_logical_database,
    drop_logical_database,
    logical_database,
    logical_databases,
    sessions_in,
)
from app.postgres.making import maintenance
from app.runtime import Runtime

router = APIRouter(prefix="/databases", tags=["databases"])

Watcher = Annotated[Principal, requires_detached(Scope.DATABASES_READ)]
Writer = Annotated[Principal, requires_detached(Scope.DATABASES_WRITE)]
Answer = TypeVar("Answer")

_APPLICATION_NAME: Final = "pgmanager logical databases"
_CREATED: Final = 201
_OF_THE_SERVER: Final = frozenset({"postgres", "template0", "template1"})
_OF_SERVER = (DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable, AuthenticationFailed, ServerUnreachable)
_OF_CHANGES = (*_OF_SERVER, PrivilegeMissing, QueryFailed, LogicalDatabaseReserved)


@router.get("/{database_id}/logical-databases", responses=raises(*_OF_SERVER))
async def list_logical_databases(database_id: DatabaseId, caller: Watcher, runtime: RuntimeDep) -> LogicalDatabasesView:
    """The databases inside the server with their sizes, asked of the server itself."""
    database = await _database(runtime, database_id, caller)
    async with runtime.connections.session(target_of(database, runtime.key_ring)) as connection:
        found = await logical_databases(connection)
    return LogicalDatabasesView.of(found, runtime.clock())


@router.put(
    "/{database_id}/logical-databases/{name}",
    responses={
        _CREATED: {"model": LogicalDatabaseView, "description": "It did not exist."},
        **raises(*_OF_CHANGES, LogicalDatabaseDiffers),
    },
)
async def put_logical_database(
    *,
    database_id: DatabaseId,
    name: PostgresName,
    wish: Annotated[LogicalDatabasePut, Body(default_factory=LogicalDatabasePut)],
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> LogicalDatabaseView:
    """Creates the logical database, or gives the one that exists this owner, limit and comment."""
    database = await _database(runtime, database_id, caller)

    async def work(server: Session) -> LogicalDatabaseView:
        if name in _OF_THE_SERVER:
            raise LogicalDatabaseReserved(name, "is the server's own")
        found = await logical_database(server, name)
        is_new = found is None
        if found is not None:
            _require_same(found, wish)
        if later.is_dry_run:
            response.status_code = _CREATED if is_new else 200
            return _as_wished(name, found, wish, database)
        if is_new:
            asked = NewDatabase(name, wish.owner, wish.encoding, wish.locale, wish.template)
            is_new = await create_logical_database(server, asked)
        await alter_logical_database(
            server,
            name,
            owner=None if is_new else wish.owner,
            connection_limit=wish.connection_limit,
            comment=wish.comment,
        )
        response.status_code = _CREATED if is_new else 200
        made = await logical_database(server, name)
        if made is None:
            raise LogicalDatabaseNotFound(name)
        return LogicalDatabaseView.of(made)

    answer = await _change(database, name, runtime, later, caller, "put_logical_database", work)
    async with later.begin() as (session, once):
        _tell(session, database, name, "created" if response.status_code == _CREATED else "altered")
        return once.keep(answer, response)


@router.delete(
    "/{database_id}/logical-databases/{name}",
    status_code=204,
    responses=raises(*_OF_CHANGES, LogicalDatabaseNotFound, LogicalDatabaseInUse, ConfirmationOfLogicalDatabaseMissing),
)
async def delete_logical_database(
    *,
    database_id: DatabaseId,
    name: PostgresName,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    confirm: Annotated[str, Query(description="Its name, to say that you mean it. A dry run needs none.")] = "",
    terminate: Annotated[bool, Query(description="End its sessions.")] = False,
) -> None:
    """Drops the logical database and its data. Its backups stay, and none is taken by this: do that before."""
    database = await _database(runtime, database_id, caller)

    async def work(server: Session) -> None:
        if name in _OF_THE_SERVER:
            raise LogicalDatabaseReserved(name, "is the server's own")
        if name == database.default_database:
            raise LogicalDatabaseReserved(name, "is the one that connection strings of this database name")
        if confirm != name and not (later.is_dry_run and not confirm):
            raise ConfirmationOfLogicalDatabaseMissing(name)
        if await logical_database(server, name) is None:
            raise LogicalDatabaseNotFound(name)
        if not later.is_dry_run:
            await drop_logical_database(server, name, terminate=terminate)
        elif not terminate and (sessions := await sessions_in(server, name)):
            raise LogicalDatabaseInUse(name, sessions)

    await _change(database, name, runtime, later, caller, "delete_logical_database", work)
    async with later.begin() as (session, once):
        _tell(session, database, name, "dropped")
        once.keep_empty(response)


async def _change(
    database: Database,
    name: str,
    runtime: Runtime,
    later: LaterWrite,
    caller: Principal,
    action: str,
    work: Callable[[Session], Awaitable[Answer]],
) -> Answer:
    """The trail before it, since nothing else would tell of one that a crash has kept from being answered.

    Two who make the same database at once both find it made.
    """
    async with later.begin() as (session, _):
        audit(
            session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"name": database.name, "logical_database": name},
        )
    target = target_of(database, runtime.key_ring)
    async with maintenance(target, application_name=_APPLICATION_NAME, beside=name) as server:
        return await work(server)


def _tell(session: AsyncSession, database: Database, name: str, what: str) -> None:
    emit(
        session,
        f"logical_database.{what}",
        project_id=database.project_id,
        database_id=database.id,
        logical_database=name,
    )


async def _database(runtime: Runtime, database_id: DatabaseId, caller: Principal) -> Database:
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
    require_reach_from_here(database, runtime)
    return database


def _require_same(found: LogicalDatabase, wish: LogicalDatabasePut) -> None:
    """A template leaves no trace, so that one is believed. Raises LogicalDatabaseDiffers."""
    differences = {
        what: has
        for what, has, wished in (
            ("encoding", found.encoding, wish.encoding),
            ("locale", found.collation, wish.locale),
        )
        if wished is not None and _plain(wished) != _plain(has)
    }
    if differences:
        raise LogicalDatabaseDiffers(found.name, differences)


def _plain(text: str) -> str:
    """UTF8 and utf-8 are one."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _as_wished(
    name: str, found: LogicalDatabase | None, wish: LogicalDatabasePut, database: Database
) -> LogicalDatabaseView:
    return LogicalDatabaseView(
        name=name,
        owner=wish.owner or (found.owner if found else str(database.username)),
        encoding=found.encoding if found else wish.encoding or "UTF8",
        collation=found.collation if found else wish.locale or "",
        size_bytes=found.size_bytes if found else None,
        connection_limit=wish.connection_limit,
        comment=wish.comment,
    )
