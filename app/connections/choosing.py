"""Whose login somebody is told to use."""

from dataclasses import dataclass, field
from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.errors import LoginNotFound, LoginUnusable
from app.connections.logins import LoginRepository, open_login_password
from app.connections.models import Application, Login, LoginState
from app.databases.access import password_of
from app.databases.errors import DatabaseNotReady
from app.databases.models import Database
from app.kit.sealing import KeyRing

_WORKS = (LoginState.READY, LoginState.CURRENT, LoginState.RETIRING)


@dataclass(frozen=True, slots=True)
class Chosen:
    """``database`` is the logical one that the login was made for. ``login`` is None for the one that we log in with."""

    role: str
    password: SecretStr = field(repr=False)
    database: str
    login: Login | None
    application: Application | None


async def choose_login(
    session: AsyncSession, database: Database, key_ring: KeyRing, *, role: str | None, application: str | None
) -> Chosen:
    """Raises LoginNotFound, LoginUnusable, DatabaseNotReady."""
    repository = LoginRepository(session)
    if role is not None:
        if role == database.username:
            return _our_own(database, key_ring)
        found = await repository.of_role(database.id, role)
        if found is None:
            raise LoginNotFound("login", role, await known_roles(session, database))
        return _chosen(database, found, None, key_ring)
    applications = await repository.applications(database.id)
    if application is None and len(applications) != 1:
        return _our_own(database, key_ring)
    wanted = applications[0].name if application is None else application
    owner = next((one for one in applications if one.name == wanted), None)
    if owner is None:
        raise LoginNotFound("application", wanted, [one.name for one in applications])
    current = await repository.current_of(owner.id)
    if current is None:
        raise LoginUnusable(
            f"The application {wanted} has no current login: its making or its rotation is under way or was broken off. "
            "Look at the jobs of the database, and repeat this after them."
        )
    return _chosen(database, current, owner, key_ring)


async def default_role(session: AsyncSession, database: Database) -> str:
    repository = LoginRepository(session)
    applications = await repository.applications(database.id)
    current = await repository.current_of(applications[0].id) if len(applications) == 1 else None
    if current is not None:
        return current.role
    if database.username is None:
        raise DatabaseNotReady(database.id, database.state)
    return database.username


async def known_roles(session: AsyncSession, database: Database) -> list[str]:
    own = [database.username] if database.username is not None else []
    made = [login.role for login in await LoginRepository(session).of_database(database.id)]
    return list(dict.fromkeys([*own, *made]))


def _our_own(database: Database, key_ring: KeyRing) -> Chosen:
    if database.username is None or database.default_database is None:
        raise DatabaseNotReady(database.id, database.state)
    return Chosen(database.username, password_of(database, key_ring), database.default_database, None, None)


def _chosen(database: Database, login: Login, application: Application | None, key_ring: KeyRing) -> Chosen:
    if login.state not in _WORKS:
        raise LoginUnusable(
            f"The login {login.role} is {login.state}: the server refuses it, or does not have it yet. Use another one, or "
            "wait for the job that is at it."
        )
    password = open_login_password(login, key_ring)
    if password is None or database.default_database is None:
        raise LoginUnusable(f"No password of the login {login.role} is kept here. Give it a new one by rotating it.")
    own = login.logical_database or (application.logical_database if application else database.default_database)
    return Chosen(login.role, password, own, login, application)


async def application_names(session: AsyncSession, database_id: UUID) -> list[str]:
    return [one.name for one in await LoginRepository(session).applications(database_id)]
