"""/v1/databases/{id}:harden and /v1/databases/{id}/applications: roles of an application's own, instead of the superuser."""

from collections.abc import Awaitable
from contextlib import suppress
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query, Response

from app.applications.errors import (
    ApplicationElsewhere,
    ApplicationHasConsumers,
    ApplicationNotFound,
    DeletionNotConfirmed,
    RolesTaken,
    SuccessorInvalid,
)
from app.applications.planning import count_sessions, plan_deletion, plan_hardening
from app.applications.repository import ApplicationRepository
from app.applications.schemas import (
    ApplicationDeletionAccepted,
    ApplicationDeletionPlan,
    ApplicationView,
    DeleteApplication,
    HardenAccepted,
    HardenApplication,
    HardenPlan,
    HardenWish,
)
from app.applications.service import ApplicationService, hardening
from app.applications.subject import Subject
from app.auth.dependencies import (
    LaterWriteDep,
    OptionalLaterWriteDep,
    PagingDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.errors import ScopeMissing
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.access import require_reach, visible_database
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseStateInvalid, DatabaseUnreachable
from app.databases.models import Database
from app.databases.reach import is_reached_from_here
from app.errors import Problem
from app.jobs.errors import JobConflict
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId
from app.kit.names import PostgresName
from app.kit.pagination import CursorInvalid, Page
from app.postgres.errors import AuthenticationFailed, DatabaseAbsent, PrivilegeMissing, ServerUnreachable
from app.postgres.grants import SchemaMissing
from app.postgres.role_removal import DatabaseClosed, RoleOwnsObjects
from app.postgres.role_wishes import RoleMissing
from app.providers.railway.errors import RailwayNotAuthorized, RailwayProblem, RailwayUnavailable
from app.runtime import Runtime

router = APIRouter(prefix="/databases", tags=["applications"])

Found = TypeVar("Found")
Reader = Annotated[Principal, requires(Scope.ROLES_READ)]
Watcher = Annotated[Principal, requires_detached(Scope.ROLES_READ)]
Writer = Annotated[Principal, requires_detached(Scope.ROLES_WRITE)]
NameInPath = Annotated[str, Path(min_length=1, max_length=63, pattern=r"^[^\x00-\x1f\x7f/]+$")]

_CHANGING = (
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseStateInvalid,
    DatabaseUnreachable,
    AuthenticationFailed,
    ServerUnreachable,
    PrivilegeMissing,
    JobConflict,
    RailwayNotAuthorized,
    RailwayProblem,
    RailwayUnavailable,
)


@router.post(
    "/{database_id}:harden",
    status_code=202,
    responses=raises(*_CHANGING, ApplicationElsewhere, RolesTaken, DatabaseAbsent, SchemaMissing, ScopeMissing),
)
async def harden_database(
    database_id: DatabaseId,
    wish: Annotated[HardenWish, Body(default_factory=HardenWish)],
    runtime: RuntimeDep,
    caller: Writer,
    later: LaterWriteDep,
    response: Response,
) -> HardenAccepted:
    """Gives an application roles of its own, instead of the superuser: an owner that cannot log in and has the objects, and
    two logins that act as it, of which one is in use and the other waits for a rotation. The superuser stays ours.

    For an application that has them this hands over what the superuser has made since, repairs what is missing, and
    changes no password. Moving consumers needs the scope `connections:write` as well.
    """

    async def plan(args: HardenApplication, database: Database) -> HardenPlan | None:
        async with runtime.reads() as session:
            known = await Subject.named(session, database.id, args.name)
        return await plan_hardening(runtime, database, known, args, with_statements=later.is_dry_run)

    database = await _database(runtime, database_id, caller)
    args = hardening(database, wish)
    planned = await _look(plan(args, database)) if is_reached_from_here(database, runtime) else _unseen(database)
    async with later.begin() as (session, once):
        if isinstance(planned, Problem):
            raise planned
        job = await ApplicationService(session).harden(args, caller)
        return once.keep(HardenAccepted(job=_job(job, response), plan=planned), response)


@router.get("/{database_id}/applications", responses=raises(DatabaseNotFound, CursorInvalid))
async def list_applications(
    database_id: DatabaseId, session: SessionDep, caller: Reader, paging: PagingDep
) -> Page[ApplicationView]:
    """By name, as they are on record."""
    database = await visible_database(session, database_id, caller)
    (after,) = paging.after() or (None,)
    found = await ApplicationRepository(session).page(database.id, after=after, limit=paging.probe)
    return paging.cut(found, lambda one: ApplicationView.of(*one), position=lambda one: (one[0].name,))


@router.get("/{database_id}/applications/{name}", responses=raises(DatabaseNotFound, ApplicationNotFound))
async def get_application(
    database_id: DatabaseId, name: NameInPath, runtime: RuntimeDep, caller: Watcher
) -> ApplicationView:
    """One application, and how many sessions its logins have, asked of the server as far as it answers."""
    database = await _database(runtime, database_id, caller)
    subject = await _subject(runtime, database, name)
    sessions = None
    if is_reached_from_here(database, runtime):
        with suppress(Problem):
            async with runtime.connections.session(subject.target(runtime.key_ring)) as connection:
                sessions = await count_sessions(connection, subject.logins)
    return ApplicationView.of(subject.application, subject.logins, sessions)


@router.delete(
    "/{database_id}/applications/{name}",
    status_code=202,
    responses=raises(
        *_CHANGING,
        ApplicationNotFound,
        ApplicationHasConsumers,
        DatabaseClosed,
        DeletionNotConfirmed,
        RoleMissing,
        RoleOwnsObjects,
        SuccessorInvalid,
    ),
)
async def delete_application(
    database_id: DatabaseId,
    name: NameInPath,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    *,
    successor: Annotated[
        PostgresName | None,
        Query(description="The role that gets what the application owns, which it needs if it owns any."),
    ] = None,
    confirm: Annotated[str, Query(description="The application's name, to say that you mean it.")] = "",
) -> ApplicationDeletionAccepted:
    """Ends the application's sessions, gives what it owns to the successor, and drops its roles.

    With the superuser as successor it takes back what `:harden` did. Refused while services at Railway still refer to the
    application's variables.
    """

    async def plan() -> ApplicationDeletionPlan | None:
        return await plan_deletion(runtime, await _subject(runtime, database, name), successor=successor)

    database = await _database(runtime, database_id, caller)
    planned = await _look(plan()) if is_reached_from_here(database, runtime) else _unseen(database)
    args = DeleteApplication(database_id=database.id, name=name, successor=successor)
    async with later.begin() as (session, once):
        if isinstance(planned, Problem):
            raise planned
        said = None if later.is_dry_run else confirm
        job = await ApplicationService(session).delete(args, caller, confirm=said)
        return once.keep(ApplicationDeletionAccepted(job=_job(job, response), plan=planned), response)


async def _database(runtime: Runtime, database_id: UUID, caller: Principal) -> Database:
    async with runtime.reads() as session:
        return await visible_database(session, database_id, caller)


async def _subject(runtime: Runtime, database: Database, name: str) -> Subject:
    async with runtime.reads() as session:
        found = await Subject.named(session, database.id, name)
    if found is None:
        raise ApplicationNotFound(name)
    return found


async def _look(plan: Awaitable[Found]) -> Found | Problem:
    """A refusal waits until it is known that this is no repetition: that one gets its first answer again."""
    try:
        return await plan
    except Problem as refusal:
        return refusal


def _unseen(database: Database) -> Problem | None:
    try:
        require_reach(database)
    except DatabaseUnreachable as refusal:
        return refusal
    return None


def _job(job: Job, response: Response) -> JobView:
    view = JobView.of(job)
    response.headers["Location"] = view.links["self"]
    response.headers["Retry-After"] = "1"
    return view
