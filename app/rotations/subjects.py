"""Whose password is meant: an application's, that of one login of ours, or that of the login we use ourselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.logins import LoginRepository
from app.connections.models import Application, Login, LoginKind, LoginState
from app.databases.models import Database
from app.rotations.errors import ApplicationIncomplete, LoginUnknown, RotationImpossible
from app.rotations.schemas import RotateRole


@dataclass(frozen=True, slots=True)
class Subject:
    """``application`` with its ``logins``, or one of the ``logins`` alone; the superuser has neither until it rotates."""

    database: Database
    application: Application | None = None
    logins: Sequence[Login] = ()

    @classmethod
    async def named(cls, session: AsyncSession, database: Database, name: str) -> Self:
        """Raises LoginUnknown, RotationImpossible."""
        repository = LoginRepository(session)
        if name == database.username:
            return cls(database)
        for application in await repository.applications(database.id):
            logins = await repository.of_application(application.id)
            if name in (application.name, application.owner_role, *(login.role for login in logins)):
                return cls(database, application, logins)
        login = await repository.of_role(database.id, name)
        if login is None:
            raise LoginUnknown(name)
        if login.kind == LoginKind.TEMPORARY:
            raise RotationImpossible(f"{name!r} is temporary and ends by itself; make another one instead.")
        return cls(database, None, [login])

    @classmethod
    async def of(cls, session: AsyncSession, args: RotateRole) -> Self:
        """As it is now."""
        database = await session.get_one(Database, args.database_id, populate_existing=True)
        repository = LoginRepository(session)
        if args.application_id is not None:
            application = await session.get_one(Application, args.application_id)
            return cls(database, application, await repository.of_application(application.id))
        if args.login_id is not None:
            return cls(database, None, [await repository.get(args.login_id)])
        assert database.username is not None
        found = await repository.of_role(database.id, database.username)
        return cls(database, None, [found] if found else [])

    @property
    def is_superuser(self) -> bool:
        return self.application is None and (not self.logins or self.logins[0].kind == LoginKind.SUPERUSER)

    def pair(self) -> tuple[Login, Login]:
        """The current login of the application, and the one whose turn it is. Raises ApplicationIncomplete."""
        assert self.application is not None
        current = [login for login in self.logins if login.state == LoginState.CURRENT]
        others = [login for login in self.logins if login.state != LoginState.CURRENT]
        if len(current) != 1 or len(others) != 1:
            raise ApplicationIncomplete(self.application.name, [f"{one.role} ({one.state})" for one in self.logins])
        return current[0], others[0]

    def single(self) -> Login:
        """The login whose own password changes, where that is not the superuser's. Raises ApplicationIncomplete."""
        if self.application is None:
            return self.logins[0]
        found = next((login for login in self.logins if login.state == LoginState.CURRENT), None)
        if found is None:
            raise ApplicationIncomplete(self.application.name, [f"{one.role} ({one.state})" for one in self.logins])
        return found
