"""The record of logins, and the seal on their passwords."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.models import Application, Login, LoginState
from app.db.sealed import sealed_context
from app.kit.sealing import KeyRing

_PASSWORD_BYTES: Final = 24  # 192 random bits, in 32 characters that no connection string has to escape


def new_password() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(_PASSWORD_BYTES))


def seal_login_password(login_id: UUID, password: SecretStr, key_ring: KeyRing, *, is_next: bool = False) -> bytes:
    """For the column ``password_sealed`` of that row, or ``next_password_sealed``."""
    return key_ring.seal(password.get_secret_value().encode(), context=_context(login_id, is_next=is_next))


def open_login_password(login: Login, key_ring: KeyRing) -> SecretStr | None:
    return _open(login, login.password_sealed, key_ring, is_next=False)


def open_next_password(login: Login, key_ring: KeyRing) -> SecretStr | None:
    return _open(login, login.next_password_sealed, key_ring, is_next=True)


def _open(login: Login, sealed: bytes | None, key_ring: KeyRing, *, is_next: bool) -> SecretStr | None:
    if sealed is None:
        return None
    return SecretStr(key_ring.open(sealed, context=_context(login.id, is_next=is_next)).decode())


def _context(login_id: UUID, *, is_next: bool) -> str:
    return sealed_context("login", "next_password_sealed" if is_next else "password_sealed", login_id)


@dataclass(frozen=True, slots=True)
class LoginRepository:
    """Only of live rows: what has ended is history."""

    session: AsyncSession

    async def get(self, login_id: UUID, *, change: bool = False) -> Login:
        return await self.session.get_one(Login, login_id, with_for_update=change, populate_existing=True)

    async def of_role(self, database_id: UUID, role: str, *, change: bool = False) -> Login | None:
        query = select(Login).where(
            Login.database_id == database_id, Login.role == role, Login.state != LoginState.ENDED
        )
        if change:
            query = query.with_for_update()
        return (await self.session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def of_database(self, database_id: UUID) -> Sequence[Login]:
        query = select(Login).where(Login.database_id == database_id, Login.state != LoginState.ENDED)
        return (await self.session.exec(query.order_by(col(Login.role)))).all()

    async def application(self, database_id: UUID, name: str) -> Application | None:
        query = select(Application).where(
            Application.database_id == database_id, Application.name == name, col(Application.deleted_at).is_(None)
        )
        return (await self.session.exec(query)).one_or_none()

    async def applications(self, database_id: UUID) -> Sequence[Application]:
        query = select(Application).where(Application.database_id == database_id, col(Application.deleted_at).is_(None))
        return (await self.session.exec(query.order_by(col(Application.name)))).all()

    async def of_application(self, application_id: UUID, *, change: bool = False) -> Sequence[Login]:
        query = select(Login).where(Login.application_id == application_id, Login.state != LoginState.ENDED)
        if change:
            query = query.with_for_update()
        ordered = query.order_by(col(Login.role)).execution_options(populate_existing=True)
        return (await self.session.exec(ordered)).all()

    async def current_of(self, application_id: UUID) -> Login | None:
        query = select(Login).where(Login.application_id == application_id, Login.state == LoginState.CURRENT)
        return (await self.session.exec(query)).one_or_none()
