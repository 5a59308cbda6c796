"""Wishes about roles looked up and kept, and temporary credentials looked up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.models import Application, Login, LoginKind, LoginState
from app.databases.models import Database
from app.kit.ids import new_id
from app.roles.models import ManagedRole, RoleState


@dataclass(frozen=True, slots=True)
class RoleRepository:
    session: AsyncSession

    async def managed(self, database_id: UUID, name: str, *, change: bool = False) -> ManagedRole | None:
        query = select(ManagedRole).where(ManagedRole.database_id == database_id, ManagedRole.name == name)
        if change:
            query = query.with_for_update()
        return (await self.session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def all_managed(self, database_id: UUID, names: Collection[str]) -> dict[str, ManagedRole]:
        query = select(ManagedRole).where(ManagedRole.database_id == database_id, col(ManagedRole.name).in_(names))
        return {row.name: row for row in (await self.session.exec(query)).all()}

    async def wish(
        self, database: Database, name: str, wish: dict[str, Any], settings_before: Collection[str], *, created_by: str
    ) -> None:
        """Puts it on record, pending. Whoever wishes for the same role at the same time comes before or after."""
        values = {"wish": wish, "settings_before": sorted(settings_before), "state": RoleState.PENDING.value}
        statement = insert(ManagedRole).values(
            id=new_id(),
            project_id=database.project_id,
            database_id=database.id,
            name=name,
            created_by=created_by,
            revision=1,
            **values,
        )
        await self.session.exec(
            statement.on_conflict_do_update(
                index_elements=["database_id", "name"],
                set_=values | {"updated_at": func.now(), "revision": ManagedRole.revision + 1},
            )
        )

    async def is_on_record(self, database_id: UUID, name: str) -> bool:
        return await self.managed(database_id, name) is not None or name in await self.kinds(database_id, [name])

    async def forget(self, database_id: UUID, name: str) -> None:
        statement = delete(ManagedRole).where(
            col(ManagedRole.database_id) == database_id, col(ManagedRole.name) == name
        )
        await self.session.exec(statement)

    async def kinds(self, database_id: UUID, names: Collection[str]) -> dict[str, str]:
        """Of the live logins that this service has made, by role."""
        query = select(Login).where(
            Login.database_id == database_id, col(Login.role).in_(names), Login.state != LoginState.ENDED
        )
        return {login.role: login.kind for login in (await self.session.exec(query)).all()}

    async def owned_for(self, database_id: UUID, role: str) -> str | None:
        """The name of the application whose owner role it is."""
        query = select(Application.name).where(
            Application.database_id == database_id,
            Application.owner_role == role,
            col(Application.deleted_at).is_(None),
        )
        return (await self.session.exec(query)).first()

    async def credentials(self, database_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Login]:
        """Newest first, those that have ended included."""
        query = select(Login).where(Login.database_id == database_id, Login.kind == LoginKind.TEMPORARY)
        if before is not None:
            query = query.where(col(Login.id) < before)
        return (await self.session.exec(query.order_by(col(Login.id).desc()).limit(limit))).all()

    async def credential(self, database_id: UUID, credential_id: UUID, *, change: bool = False) -> Login | None:
        query = select(Login).where(
            Login.id == credential_id, Login.database_id == database_id, Login.kind == LoginKind.TEMPORARY
        )
        if change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()
