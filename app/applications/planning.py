"""What hardening will do, and what deleting will, asked of the server and of Railway before anything is written."""

from collections import Counter
from collections.abc import Sequence

from app.applications import roles
from app.applications.errors import ApplicationHasConsumers, SuccessorInvalid
from app.applications.moving import moves, references_to_application, warnings_about_left
from app.applications.schemas import (
    ApplicationDeletionPlan,
    ConsumerMove,
    ConsumersMove,
    HardenApplication,
    HardenPlan,
    ObjectCount,
)
from app.applications.subject import Subject
from app.connections.models import Application, Login
from app.databases.access import target_of
from app.databases.models import Database, ProviderName
from app.databases.places import site_of
from app.databases.referrers import seen_now
from app.postgres.connect import Session
from app.postgres.identifiers import quoted
from app.postgres.logins import sessions_of
from app.postgres.ownership import OwnedObject, hand_over_statements, owned_by
from app.postgres.ownership_limits import limits_of
from app.postgres.ownership_roles import access_statements, role_statements
from app.postgres.role_removal import check_removal
from app.runtime import Runtime

_ELSEWHERE = (
    "Nobody is moved by this: take the application's address from POST /v1/databases/{id}/connection-strings with "
    '{"client": "libpq-uri", "application": NAME}.'
)
_AS_BEFORE = (
    "The superuser owns everything again: what the next login of the application needs of it has to be granted to it."
)
_LATER = "The services that are moved see their new address from their next deployment on."


async def plan_hardening(
    runtime: Runtime, database: Database, known: Subject | None, args: HardenApplication, *, with_statements: bool
) -> HardenPlan:
    """Raises PrivilegeMissing, RolesTaken, SchemaMissing, ApplicationElsewhere, and what connecting raises."""
    if known is not None:
        roles.require_home(known.application, args.logical_database)
        application, logins, target = known.application, known.logins, known.target(runtime.key_ring)
    else:
        target = target_of(database, runtime.key_ring, database_name=args.logical_database)
        application, logins = roles.new_rows(
            database, args.name, target.database, created_by="", job_id=None, key_ring=runtime.key_ring
        )
    async with runtime.connections.session(target) as session:
        own = await roles.require_rights(session, args)
        wanted = roles.wanted(application, logins, args.timeouts, runtime.key_ring)
        if known is None:
            await roles.require_free(session, wanted.names)
        schemas = await roles.chosen_schemas(session, args.schemas, target.database)
        objects = await owned_by(session, own, schemas=args.schemas)
        others = [one.name for one in await sessions_of(session, own) if not one.name.startswith("pgmanager")]
        limits = await limits_of(session, quoted(own), schemas=schemas, own=[own, *wanted.names])
        statements = []
        if with_statements:
            statements = [
                *await role_statements(session, wanted, masked=True),
                *await access_statements(session, wanted, schemas, revoke=args.revoke_public_create),
                *hand_over_statements(objects, application.owner_role),
            ]
    consumers = await _consumers(runtime, database, application, args)
    warnings = limits.warnings(application.owner_role)
    if others:
        warnings.append(_still_there(own, others))
    if database.provider != ProviderName.RAILWAY:
        warnings.append(_ELSEWHERE)
    elif any(move.after for move in consumers) and not args.redeploy:
        warnings.append(_LATER)
    warnings += warnings_about_left(consumers)
    return HardenPlan(
        owner_role=application.owner_role,
        logins=[login.role for login in logins],
        objects=counts_of(objects),
        statements=statements,
        consumers=consumers,
        warnings=warnings,
    )


async def plan_deletion(runtime: Runtime, subject: Subject, *, successor: str | None) -> ApplicationDeletionPlan:
    """Raises RoleOwnsObjects, RoleMissing, SuccessorInvalid, ApplicationHasConsumers, and what connecting raises."""
    await check_deletion(runtime, subject, successor)
    async with runtime.connections.session(subject.target(runtime.key_ring)) as session:
        objects = [one for role in subject.roles for one in await owned_by(session, role)]
        sessions = await count_sessions(session, subject.logins)
    return ApplicationDeletionPlan(
        objects=counts_of(objects),
        sessions=sum(sessions.values()),
        warnings=[_AS_BEFORE] if successor == subject.database.username else [],
    )


async def check_deletion(runtime: Runtime, subject: Subject, successor: str | None) -> None:
    """Raises RoleOwnsObjects, RoleMissing, SuccessorInvalid, DatabaseClosed, ApplicationHasConsumers."""
    if successor is not None and successor in subject.roles:
        raise SuccessorInvalid(successor)
    target = subject.target(runtime.key_ring)
    for role in subject.roles:
        await check_removal(target, role, successor=successor, terminate=True)
    if subject.database.provider == ProviderName.RAILWAY:
        site = await site_of(runtime, subject.database)
        if found := references_to_application(site.place.service(), await seen_now(runtime, site), subject.application):
            raise ApplicationHasConsumers(found)


def counts_of(objects: Sequence[OwnedObject]) -> list[ObjectCount]:
    return [ObjectCount(kind=kind, count=count) for kind, count in Counter(one.kind for one in objects).items()]


async def count_sessions(session: Session, logins: Sequence[Login]) -> dict[str, int]:
    return {login.role: len(await sessions_of(session, login.role)) for login in logins}


async def _consumers(
    runtime: Runtime, database: Database, application: Application, args: HardenApplication
) -> list[ConsumerMove]:
    if database.provider != ProviderName.RAILWAY or args.consumers is ConsumersMove.LEAVE:
        return []
    site = await site_of(runtime, database)
    return moves(site.place.service(), await seen_now(runtime, site), application)


def _still_there(own: str, names: Sequence[str]) -> str:
    told = ", ".join(f"{count} of {name}" for name, count in sorted(Counter(names).items()))
    return (
        f"Sessions are logged in as {own!r} now ({told}). They go on, and what they make from now on is the superuser's until "
        "this is sent again."
    )
