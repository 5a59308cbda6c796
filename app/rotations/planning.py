"""What a rotation will do, from our rows and, at Railway, from what is there now: the plan that callers see, or the refusal."""

from dataclasses import dataclass
from typing import Final

from app.connections.application_variables import VariableNames
from app.connections.models import LoginState
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import DatabaseState, ProviderName
from app.databases.places import site_of
from app.databases.referrers import seen_now
from app.providers.railway import variables
from app.rotations.errors import RotationImpossible
from app.rotations.readers import readers_of, require_standalone, shared_readers
from app.rotations.schemas import RedeployWish, RotateRole, RotationPlan, RotationWish, Strategy
from app.rotations.subjects import Subject
from app.runtime import Runtime

INITIAL_PASSWORD: Final = "POSTGRES_PASSWORD"  # noqa: S105 (the name of Railway's variable)
INITIAL_USER: Final = "POSTGRES_USER"


@dataclass(frozen=True, slots=True)
class _Readers:
    names: list[str]
    warnings: list[str]


async def plan_rotation(runtime: Runtime, subject: Subject, wish: RotationWish) -> tuple[RotationPlan, RotateRole]:
    """Raises DatabaseStateInvalid, ApplicationIncomplete, RotationImpossible, ServiceUnknown, RailwayProblem."""
    database = subject.database
    if database.state != DatabaseState.AVAILABLE:
        raise DatabaseStateInvalid(database.id, database.state, "given another password")
    strategy = wish.strategy or (Strategy.OVERLAP if subject.application else Strategy.IMMEDIATE)
    if strategy is Strategy.OVERLAP and subject.application is None:
        raise RotationImpossible(
            "Only an application has two logins, of which one takes over while the other one still works. Send "
            "strategy=immediate, or make an application of it (POST /v1/databases/{id}:harden)."
        )
    if wish.services is not None and database.provider != ProviderName.RAILWAY:
        raise RotationImpossible("Only services at Railway can be redeployed from here; leave services out.")
    args = RotateRole(
        database_id=database.id,
        strategy=strategy,
        application_id=subject.application.id if subject.application else None,
        login_id=None if subject.application or subject.is_superuser else subject.single().id,
        grace_seconds=wish.grace_seconds,
        consumers=wish.consumers,
        services=wish.services,
    )
    readers = await _readers(runtime, subject, wish)
    plan = _overlap(subject, wish, readers) if strategy is Strategy.OVERLAP else _immediate(subject, readers)
    return plan, args


async def _readers(runtime: Runtime, subject: Subject, wish: RotationWish) -> _Readers:
    if subject.database.provider != ProviderName.RAILWAY:
        return _Readers([], ["Nothing here redeploys the applications: give them the new connection strings."])
    site = await site_of(runtime, subject.database)
    around = await seen_now(runtime, site)
    if subject.is_superuser:
        require_standalone(around)
        user = (await variables.rendered(site.client, site.place)).get(INITIAL_USER, "postgres")
        if user != subject.database.username:
            raise RotationImpossible(
                f"The variables of the service tell the password of {user!r}, and this service logs in as "
                f"{subject.database.username!r}: changing {INITIAL_PASSWORD} would tell everybody a wrong password."
            )
    elif subject.application is None:
        return _Readers([], ["No variable at Railway tells this login's password: tell those who use it the new one."])
    found = readers_of(subject, site, around, wish.consumers, wish.services)
    warnings = [
        f"{name} is shared by the environment: redeploy yourself whichever service uses it."
        for name in shared_readers(subject, site, around)
    ]
    if wish.consumers is RedeployWish.LEAVE:
        warnings.append("Services see the new variables from their next deployment on, which is left to you.")
    return _Readers([one.name for one in found], warnings)


def _overlap(subject: Subject, wish: RotationWish, readers: _Readers) -> RotationPlan:
    current, other = subject.pair()
    steps = [
        f"{other.role} gets a new password, of which the server is told a SCRAM verifier only, and is tried.",
        f"{other.role} becomes the current login of {subject.application and subject.application.name}.",
        *_told(subject, readers),
        f"Sessions of {current.role} are watched until there are none, or for {wish.grace_seconds} seconds at the most.",
        f"{current.role} is set NOLOGIN, and sessions that are left are ended.",
    ]
    warnings = [*readers.warnings, "Until its last step the job can be cancelled, which makes all of it undone."]
    return RotationPlan(
        role=current.role,
        next_role=other.role,
        strategy=Strategy.OVERLAP,
        steps=steps,
        outage=None,
        consumers=readers.names,
        warnings=warnings,
    )


def _immediate(subject: Subject, readers: _Readers) -> RotationPlan:
    role = (subject.database.username or "") if subject.is_superuser else subject.single().role
    steps = [
        f"{role} gets a new password, of which the server is told a SCRAM verifier only, and is tried.",
        *_told(subject, readers),
    ]
    outage = (
        "Sessions that are there go on. From the change in the server until a consumer has been deployed with the new "
        "password, or was told it, its new connections are refused: with services one after another that is the time of "
        "all their deployments."
    )
    warnings = list(readers.warnings)
    if subject.is_superuser:
        outage += " What this service itself asks of the server in the moment of the change is refused as well."
        warnings.append("Whoever else logs in as it needs the new password: give applications a login of their own.")
    if not subject.is_superuser and subject.single().state not in (LoginState.CURRENT, LoginState.READY):
        raise RotationImpossible(
            f"{role!r} is {subject.single().state}: finish what is under way with it (PUT its role once more) first."
        )
    return RotationPlan(
        role=role,
        next_role=role,
        strategy=Strategy.IMMEDIATE,
        steps=steps,
        outage=outage,
        consumers=readers.names,
        warnings=warnings,
    )


def _told(subject: Subject, readers: _Readers) -> list[str]:
    if subject.database.provider != ProviderName.RAILWAY or not (subject.application or subject.is_superuser):
        return []
    names = VariableNames.of(subject.application).all() if subject.application else (INITIAL_PASSWORD,)
    steps = [f"{', '.join(names)} of its service are set in one request and without a deployment."]
    return steps + [f"{name} is redeployed, and waited for." for name in readers.names]
