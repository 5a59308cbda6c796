"""The credential of a window: made once the address is open, ended before it is closed."""

from typing import Any
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.logins import LoginRepository, open_login_password
from app.connections.models import Login, LoginState
from app.connections.temporary import TemporaryWish, end_temporary, make_temporary, new_temporary
from app.databases.access import Address, target_of
from app.databases.errors import DatabaseNotReady
from app.databases.models import Database, PublicWindow
from app.errors import Problem
from app.events.emit import emit
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.network.repository import WindowRepository
from app.network.schemas import CloseNetwork, CredentialWish, OpenNetwork
from app.postgres.connect import Target
from app.postgres.presets import RolePreset
from app.providers.railway.place import Place
from app.runtime import Runtime

log = structlog.get_logger()


async def let_in(runtime: Runtime, run: Run[OpenNetwork, Any], database: Database, wish: CredentialWish) -> Login:
    """The row first, in the window's own; a second wish for the same window moves the end of the first credential."""
    assert run.args.window_id is not None
    async with run.writing() as session:
        window = await WindowRepository(session).get(run.args.window_id, change=True)
        if window.login_id is None:
            row = await _new(session, runtime, database, wish, window)
            window.login_id = row.id
        else:
            row = await LoginRepository(session).get(window.login_id, change=True)
            row.expires_at = window.close_at
        login, expires_at = row.model_copy(), window.close_at
    password = open_login_password(login, runtime.key_ring)
    assert password is not None
    assert login.preset is not None
    assert login.logical_database is not None
    temporary = TemporaryWish(RolePreset(login.preset), login.logical_database, None, expires_at, login.reason)
    for warning in await make_temporary(public_target(runtime, database), login, password, temporary):
        await run.warn(warning)
    async with run.writing() as session:
        login = await LoginRepository(session).get(login.id, change=True)
        if login.state == LoginState.PENDING:
            login.state, login.revision = LoginState.CURRENT, login.revision + 1
            _tell(session, "credential.created", login, run.id)
    return login


async def let_out(runtime: Runtime, run: Run[CloseNetwork, Any], database: Database, login_id: UUID) -> None:
    """A server that does not answer keeps the address no longer open: what is left is ended when it is reached again."""
    async with run.writing() as session:
        login = await LoginRepository(session).get(login_id, change=True)
        if login.state == LoginState.ENDED:
            return
        login.state, login.expires_at = LoginState.RETIRING, min(login.expires_at or runtime.clock(), runtime.clock())
        login = login.model_copy()
    try:
        await end_temporary(public_target(runtime, database), login)
    except Problem as problem:
        log.warning("network.credential_not_ended", code=problem.code, credential_id=encode_id("crd", login_id))
        await run.warn(f"The credential {login.role} could not be ended yet: {problem.detail}")
        return
    async with run.writing() as session:
        login = await LoginRepository(session).get(login_id, change=True)
        if login.state != LoginState.ENDED:
            login.state, login.ended_at, login.revision = LoginState.ENDED, runtime.clock(), login.revision + 1
            _tell(session, "credential.ended", login, run.id)


def public_target(runtime: Runtime, database: Database) -> Target:
    """By the public address, which is what the credential is for. Raises DatabaseNotReady."""
    place = Place.of(database.provider_data)
    if place.public_host is None or place.public_port is None:
        raise DatabaseNotReady(database.id, database.state)
    return target_of(database, runtime.key_ring, address=Address(host=place.public_host, port=place.public_port))


async def _new(
    session: AsyncSession, runtime: Runtime, database: Database, wish: CredentialWish, of: PublicWindow
) -> Login:
    logical_database = wish.logical_database or database.default_database
    if logical_database is None:
        raise DatabaseNotReady(database.id, database.state)
    temporary = TemporaryWish(RolePreset(wish.preset), logical_database, None, of.close_at, of.reason)
    login, _ = new_temporary(session, database, temporary, runtime.key_ring, created_by=of.created_by)
    await session.flush()
    return login


def _tell(session: AsyncSession, event: str, login: Login, job_id: UUID) -> None:
    emit(
        session,
        event,
        project_id=login.project_id,
        database_id=login.database_id,
        job_id=job_id,
        subject_id=encode_id("crd", login.id),
        role=login.role,
        preset=login.preset,
        logical_database=login.logical_database,
    )
