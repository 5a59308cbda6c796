"""An application's rows, and the roles on the server that they stand for."""

from collections.abc import Sequence
from uuid import UUID

from app.applications.errors import ApplicationElsewhere, RolesTaken
from app.applications.schemas import FIRST_SUFFIX, OWNER_SUFFIX, SECOND_SUFFIX, HardenApplication, LoginTimeouts
from app.connections.logins import new_password, open_login_password, seal_login_password
from app.connections.models import Application, Login, LoginKind, LoginState
from app.databases.models import Database
from app.kit.ids import new_id
from app.kit.sealing import KeyRing
from app.postgres.connect import Session
from app.postgres.errors import PrivilegeMissing
from app.postgres.grants import SchemaMissing
from app.postgres.ownership_roles import ApplicationRoles, LoginRole, existing_roles, own_rights, user_schemas

_LETS_IN = frozenset({LoginState.READY, LoginState.CURRENT, LoginState.RETIRING})


def role_names(name: str) -> tuple[str, str, str]:
    """The owner and the two logins of an application that has none yet."""
    return f"{name}{OWNER_SUFFIX}", f"{name}{FIRST_SUFFIX}", f"{name}{SECOND_SUFFIX}"


def new_rows(
    database: Database, name: str, logical_database: str, *, created_by: str, job_id: UUID | None, key_ring: KeyRing
) -> tuple[Application, list[Login]]:
    owner, *roles = role_names(name)
    application = Application(
        id=new_id(),
        project_id=database.project_id,
        database_id=database.id,
        name=name,
        logical_database=logical_database,
        owner_role=owner,
        options={"timeouts": LoginTimeouts().model_dump()},
        created_by=created_by,
    )
    logins = [
        Login(
            id=new_id(),
            project_id=database.project_id,
            database_id=database.id,
            kind=LoginKind.APPLICATION,
            role=role,
            application_id=application.id,
            logical_database=logical_database,
            job_id=job_id,
            created_by=created_by,
        )
        for role in roles
    ]
    renew(logins, key_ring)
    return application, logins


def renew(logins: Sequence[Login], key_ring: KeyRing) -> None:
    """Unless one of them is current, the first gets a password that the server is told next."""
    if any(login.state == LoginState.CURRENT for login in logins):
        return
    first = logins[0]
    first.state = LoginState.PENDING
    if first.password_sealed is None:
        first.password_sealed = seal_login_password(first.id, new_password(), key_ring)


def first_to_use(logins: Sequence[Login]) -> Login:
    """The current login, or the one that is to be."""
    return next((login for login in logins if login.state == LoginState.CURRENT), logins[0])


def wanted(
    application: Application, logins: Sequence[Login], timeouts: LoginTimeouts | None, key_ring: KeyRing
) -> ApplicationRoles:
    """What the server is to have. The password of a login that anybody may use already is never set again."""
    first = first_to_use(logins)
    roles = [
        LoginRole(
            role=login.role,
            can_login=login is first or login.state in _LETS_IN,
            password=open_login_password(login, key_ring) if login is first or login.state in _LETS_IN else None,
            sets_password=login is first and login.state == LoginState.PENDING,
        )
        for login in logins
    ]
    return ApplicationRoles(application.owner_role, roles, (timeouts or timeouts_of(application)).settings())


def timeouts_of(application: Application) -> LoginTimeouts:
    return LoginTimeouts.model_validate(application.options.get("timeouts", {}))


def require_home(application: Application, logical_database: str | None) -> None:
    """Raises ApplicationElsewhere."""
    if logical_database not in (None, application.logical_database):
        raise ApplicationElsewhere(application.name, application.logical_database)


async def require_rights(session: Session, args: HardenApplication) -> str:
    """The name of our login. Raises PrivilegeMissing."""
    rights = await own_rights(session)
    revokes = args.revoke_public_create and (args.schemas is None or "public" in args.schemas)
    if missing := rights.missing(revokes=revokes):
        raise PrivilegeMissing(
            f"{rights.name!r} is no superuser, and to make an application's roles and let them own its objects it lacks "
            f"{' and '.join(missing)}. Nothing was changed: have a superuser give it that, or adopt the database with a login "
            "that has it.",
            missing=missing,
        )
    return rights.name


async def require_free(session: Session, names: Sequence[str]) -> None:
    """Raises RolesTaken."""
    if taken := sorted(await existing_roles(session, names)):
        raise RolesTaken(taken)


async def chosen_schemas(session: Session, wished: Sequence[str] | None, logical_database: str) -> list[str]:
    """Raises SchemaMissing."""
    there = [schema.name for schema in await user_schemas(session)]
    if wished is None:
        return there
    if absent := sorted(set(wished) - set(there)):
        raise SchemaMissing(absent, logical_database)
    return list(wished)
