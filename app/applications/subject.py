"""An application on record, with its logins, and the way to its logical database."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.logins import LoginRepository
from app.connections.models import Application, Login
from app.databases.access import target_of
from app.databases.models import Database
from app.kit.sealing import KeyRing
from app.postgres.connect import Target


@dataclass(frozen=True, slots=True)
class Subject:
    database: Database
    application: Application
    logins: list[Login]

    @classmethod
    async def named(cls, session: AsyncSession, database_id: UUID, name: str) -> Self | None:
        database = await session.get_one(Database, database_id, populate_existing=True)
        repository = LoginRepository(session)
        application = await repository.application(database.id, name)
        if application is None:
            return None
        logins = list(await repository.of_application(application.id))
        return cls(database, application, logins)

    def target(self, key_ring: KeyRing) -> Target:
        """By our own login. Raises DatabaseNotReady, DatabaseUnreachable."""
        return target_of(self.database, key_ring, database_name=self.application.logical_database)

    @property
    def roles(self) -> list[str]:
        """The owner last, since the logins are its members."""
        return [*(login.role for login in self.logins), self.application.owner_role]
