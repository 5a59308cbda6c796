"""Logins that end by themselves: a role of their own each, whose name says which row it belongs to.

The row is written before the role is made, and outlives it. PostgreSQL asks when a password ends at a login only, so the
sessions are ended by us. Between any two of these calls the process may die: what is pending, or past its time, is ended
by whoever looks next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.logins import new_password, seal_login_password
from app.connections.models import Login, LoginKind, LoginState
from app.databases.models import Database, DatabaseState
from app.databases.reach import Reach
from app.jobs.models import Job
from app.jobs.states import FINAL
from app.kit.ids import encode_id, new_id
from app.kit.sealing import KeyRing
from app.postgres.connect import Target
from app.postgres.presets import Aim, RolePreset
from app.postgres.role_making import make
from app.postgres.role_removal import Removal, remove, shut_out
from app.postgres.role_wishes import RoleWish
from app.postgres.scram import verifier

# To make a role takes seconds: whoever has not finished by then never will.
_ABANDONED_AFTER: Final = timedelta(minutes=10)
_AGAIN_AFTER: Final = timedelta(minutes=10)
_CONNECTIONS: Final = 10


@dataclass(frozen=True, slots=True)
class TemporaryWish:
    preset: RolePreset
    logical_database: str
    schemas: tuple[str, ...] | None
    expires_at: datetime
    reason: str | None = None
    address_note: str | None = None

    def role(self, name: str) -> RoleWish:
        return RoleWish(
            name,
            login=True,
            aim=Aim(self.preset, self.schemas),
            logical_databases=(self.logical_database,),
            connection_limit=None if self.preset is RolePreset.MONITOR else _CONNECTIONS,
            valid_until=self.expires_at,
        )


def role_name(login_id: UUID) -> str:
    return encode_id("tmp", login_id)


def new_temporary(
    session: AsyncSession, database: Database, wish: TemporaryWish, key_ring: KeyRing, *, created_by: str
) -> tuple[Login, SecretStr]:
    """Its row, pending. To be committed before ``make_temporary``."""
    login_id, password = new_id(), new_password()
    login = Login(
        id=login_id,
        project_id=database.project_id,
        database_id=database.id,
        kind=LoginKind.TEMPORARY,
        role=role_name(login_id),
        password_sealed=seal_login_password(login_id, password, key_ring),
        expires_at=wish.expires_at,
        preset=wish.preset,
        logical_database=wish.logical_database,
        reason=wish.reason,
        address_note=wish.address_note,
        created_by=created_by,
    )
    session.add(login)
    return login, password


async def make_temporary(target: Target, login: Login, password: SecretStr, wish: TemporaryWish) -> Sequence[str]:
    """The role on the server; the answer is what to warn of. Raises what making a role raises."""
    return (await make(target, wish.role(login.role), verifier=verifier(password))).warnings


async def end_temporary(target: Target, login: Login) -> Removal:
    """Lets nobody in by it, ends its sessions, gives what it has made to our own login, and drops it. Twice is fine."""
    await shut_out(target, login.role)
    return await remove(target, login.role, successor=target.user, terminate=True)


async def due(session: AsyncSession, now: datetime, *, limit: int = 100) -> Sequence[Login]:
    """Those that are to be ended and that nobody is ending. Held until the transaction ends.

    Where nothing of ours reaches the server they wait: nobody logs in by them any more.
    """
    busy = (
        select(Job.id)
        .where(
            Job.id == col(Login.job_id),
            or_(col(Job.state).not_in(sorted(FINAL)), col(Job.finished_at) > now - _AGAIN_AFTER),
        )
        .exists()
    )
    abandoned = (col(Login.state) == LoginState.PENDING) & (col(Login.created_at) < now - _ABANDONED_AFTER)
    query = (
        select(Login)
        .join(Database, col(Database.id) == Login.database_id)
        .where(
            Login.kind == LoginKind.TEMPORARY,
            Login.state != LoginState.ENDED,
            or_(col(Login.expires_at) <= now, abandoned),
            or_(col(Database.reach).is_distinct_from(Reach.NONE), col(Database.state) == DatabaseState.DELETED),
            ~busy,
        )
        .order_by(col(Login.expires_at))
        .limit(limit)
    )
    return (await session.exec(query.with_for_update(skip_locked=True, of=Login))).all()
