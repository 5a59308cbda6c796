"""/v1/databases/{id}/settings and timeouts: what a server goes by, and changing it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, HTTPException, Query, Response

from app.auth.dependencies import (
    LaterWriteDep,
    OptionalLaterWriteDep,
    PagingDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.access import require_reach_from_here, target_of, visible_database
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseStateInvalid, DatabaseUnreachable
from app.databases.models import Database
from app.jobs.errors import JobConflict
from app.kit.etags import PreconditionFailed, PreconditionRequired, entity_tag, is_known, require_match
from app.kit.ids import DatabaseId, SettingChangeId
from app.kit.names import PostgresName
from app.kit.pagination import CursorInvalid, Page
from app.parameters.errors import (
    ChangeNotFound,
    ChangeNotUndoable,
    RestartRequired,
    ScopeUnknown,
    SettingInvalid,
    SettingNotApplied,
    SettingNotFound,
    SettingReserved,
    SettingsBusy,
    SettingUnknown,
)
from app.parameters.repository import ChangeRepository
from app.parameters.router.changing import Changing, Wish
from app.parameters.schemas import (
    ChangeUndo,
    SettingChangeView,
    SettingName,
    SettingsChanged,
    SettingsPatch,
    SettingView,
    TimeoutsPut,
    TimeoutsView,
)
from app.parameters.service import SettingsService, scope_of, undoing
from app.parameters.timeouts import values_of, view_of
from app.postgres.errors import AuthenticationFailed, LockTimeout, PrivilegeMissing, ServerUnreachable
from app.postgres.parameter_writing import SettingsNotLoaded
from app.postgres.parameters import Reading, Source, read
from app.providers.protocol import NotSupported
from app.runtime import Runtime

router = APIRouter(prefix="/databases", tags=["parameters"])

Recorder = Annotated[Principal, requires(Scope.SETTINGS_READ)]
Reader = Annotated[Principal, requires_detached(Scope.SETTINGS_READ)]
Writer = Annotated[Principal, requires_detached(Scope.SETTINGS_WRITE)]
IfMatch = Annotated[str | None, Header(description="The ETag of the settings that the change was decided on.")]
IfNoneMatch = Annotated[str | None, Header(description="An ETag; the answer is 304 while it is the current one.")]

_OF_SERVER = (DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable, AuthenticationFailed, ServerUnreachable)
_OF_CHANGES = (
    *_OF_SERVER,
    SettingUnknown,
    SettingInvalid,
    ScopeUnknown,
    SettingReserved,
    RestartRequired,
    SettingNotApplied,
    SettingsNotLoaded,
    SettingsBusy,
    PrivilegeMissing,
    LockTimeout,
    NotSupported,
    JobConflict,
    DatabaseStateInvalid,
)
_WITH_A_JOB: dict[int | str, dict[str, Any]] = {
    202: {"model": SettingsChanged, "description": "A job makes the change and restarts the server."}
}


@router.get("/{database_id}/settings", responses=raises(*_OF_SERVER, CursorInvalid))
async def list_settings(
    *,
    database_id: DatabaseId,
    caller: Reader,
    runtime: RuntimeDep,
    paging: PagingDep,
    response: Response,
    changed: Annotated[bool | None, Query(description="Whether anybody has set it, for all or for some.")] = None,
    pending_restart: Annotated[bool | None, Query(description="Whether the next restart brings another value.")] = None,
    prefix: Annotated[str, Query(max_length=63, description="Of the name.")] = "",
    category: Annotated[
        str | None, Query(max_length=200, description="As PostgreSQL names it, or its beginning.")
    ] = None,
) -> Page[SettingView]:
    """What the server goes by, by name. The ETag of the answer is that of all settings, which a change is to name."""
    database, reading = await _read(runtime, database_id, caller)
    overridden = {it.name.lower() for it in reading.overrides}
    (after,) = paging.after() or ("",)
    found = [
        parameter
        for parameter in sorted(reading.parameters.values(), key=lambda it: it.name)
        if parameter.name > after
        and parameter.name.lower().startswith(prefix.lower())
        and (category is None or parameter.category.lower().startswith(category.lower()))
        and (pending_restart is None or parameter.pending_restart is pending_restart)
        and (changed is None or changed is (parameter.source not in _UNTOUCHED or parameter.name.lower() in overridden))
    ]
    response.headers["ETag"] = entity_tag(reading.revision())
    return paging.cut(
        found,
        lambda parameter: SettingView.of(parameter, reading, database.provider),
        position=lambda parameter: (parameter.name,),
    )


_UNTOUCHED = frozenset({Source.DEFAULT, Source.SERVER})


@router.get("/{database_id}/settings/changes", responses=raises(DatabaseNotFound, CursorInvalid))
async def list_setting_changes(
    database_id: DatabaseId, session: SessionDep, caller: Recorder, paging: PagingDep
) -> Page[SettingChangeView]:
    """What was changed through this service, newest first."""
    await visible_database(session, database_id, caller)
    (before,) = paging.after() or (None,)
    found = await ChangeRepository(session).page(database_id, before=before, limit=paging.probe)
    return paging.cut(found, SettingChangeView.of, position=lambda change: (change.id,))


@router.get("/{database_id}/settings/{name}", responses=raises(*_OF_SERVER, SettingNotFound))
async def get_setting(
    *,
    database_id: DatabaseId,
    name: SettingName,
    caller: Reader,
    runtime: RuntimeDep,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> SettingView:
    """One setting. The ETag is that of all settings of the server."""
    database, reading = await _read(runtime, database_id, caller)
    parameter = reading.find(name)
    if parameter is None:
        raise SettingNotFound(name)
    tag = entity_tag(reading.revision())
    if is_known(if_none_match, reading.revision()):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return SettingView.of(parameter, reading, database.provider)


@router.patch(
    "/{database_id}/settings",
    responses=_WITH_A_JOB | raises(*_OF_CHANGES, PreconditionFailed, PreconditionRequired),
)
async def change_settings(
    *,
    database_id: DatabaseId,
    wish: SettingsPatch,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    if_match: IfMatch = None,
) -> SettingsChanged:
    """Sets and takes away settings: all of them, or none.

    Of the server, or of the sessions of a role, of a database, or of both. A new session has shown them when this answers.
    With `allow_restart` those that need a restart are changed by a job, which takes them back when the server does not
    come up with them.
    """

    async def values(reading: Reading) -> Wish:
        if if_match is None:
            raise PreconditionRequired(reading.revision())
        require_match(if_match, reading.revision())
        return Wish(wish.scope.scope(), wish.values)

    changing = Changing(runtime, later, response, await _database(runtime, database_id, caller), caller)
    return await changing.change("change_settings", values, allow_restart=wish.allow_restart)


@router.post(
    "/{database_id}/settings/changes/{change_id}:undo",
    responses=_WITH_A_JOB | raises(*_OF_CHANGES, ChangeNotFound, ChangeNotUndoable),
)
async def undo_setting_change(
    *,
    database_id: DatabaseId,
    change_id: SettingChangeId,
    wish: Annotated[ChangeUndo, Body(default_factory=ChangeUndo)],
    caller: Writer,
    runtime: RuntimeDep,
    later: LaterWriteDep,
    response: Response,
) -> SettingsChanged:
    """Sets what was there before, by another change. Refused where somebody has set something else since.

    A change that was interrupted can be undone as well, however much of it the server has.
    """

    async def values(reading: Reading) -> Wish:
        async with runtime.reads() as session:
            change = await SettingsService(session, runtime).find(change_id, database_id, caller)
        return Wish(scope_of(change), undoing(change, reading), undoes_id=change.id)

    changing = Changing(runtime, later, response, await _database(runtime, database_id, caller), caller)
    return await changing.change("undo_setting_change", values, allow_restart=wish.allow_restart)


@router.get("/{database_id}/timeouts", responses=raises(*_OF_SERVER))
async def get_timeouts(
    database_id: DatabaseId,
    caller: Reader,
    runtime: RuntimeDep,
    logical_database: Annotated[PostgresName | None, Query(description="The default one when not given.")] = None,
) -> TimeoutsView:
    """The timeouts of the server, and those that each role ends up with in a logical database."""
    database, reading = await _read(runtime, database_id, caller)
    return view_of(reading, logical_database or str(database.default_database))


@router.put("/{database_id}/timeouts", responses=raises(*_OF_CHANGES))
async def set_timeouts(
    *,
    database_id: DatabaseId,
    wish: TimeoutsPut,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> SettingsChanged:
    """Sets the timeouts of a scope as a whole, as a change of settings that can be undone. No restart is needed."""

    async def values(reading: Reading) -> Wish:
        return Wish(wish.scope(), values_of(wish, reading))

    changing = Changing(runtime, later, response, await _database(runtime, database_id, caller), caller)
    return await changing.change("set_timeouts", values, allow_restart=False)


async def _database(runtime: Runtime, database_id: DatabaseId, caller: Principal) -> Database:
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
    require_reach_from_here(database, runtime)
    return database


async def _read(runtime: Runtime, database_id: DatabaseId, caller: Principal) -> tuple[Database, Reading]:
    database = await _database(runtime, database_id, caller)
    async with runtime.connections.session(target_of(database, runtime.key_ring)) as session:
        return database, await read(session)
