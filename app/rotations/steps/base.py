"""What both kinds of rotation share: the way in to the server, the variables at Railway, and the services that read them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr

from app.connections.logins import LoginRepository
from app.connections.models import Login
from app.databases.access import target_of
from app.databases.changing import ChangeSteps, DeploymentMemo, asked_before
from app.databases.models import Database, ProviderName
from app.databases.places import Site, site_of
from app.databases.referrers import forget_seen, seen_now
from app.events.emit import emit
from app.jobs.machine import Move, stay
from app.jobs.run import Run
from app.postgres import logins
from app.postgres.connect import Session, Target, connect
from app.postgres.errors import PrivilegeMissing
from app.providers.railway.deployments import DeploymentPending, newest, settled
from app.providers.railway.place import Place
from app.providers.railway.redeployment import redeploy
from app.railway.capabilities import Capability
from app.rotations.errors import RoleDropped
from app.rotations.readers import Reader, readers_of
from app.rotations.schemas import RotateRole
from app.rotations.subjects import Subject

SETTLE_SECONDS: Final = 60.0
_BUSY_AGAIN_SECONDS: Final = 1.0


class RotationMemo(DeploymentMemo):
    """``old_id`` and ``new_id`` are rows of logins, the same one where one login changes its password.

    ``is_publishing``: the variables may tell the new password. ``is_published``: nothing is undone any more.
    ``before``: the newest deployment of the service that is about to be redeployed.
    """

    old_id: UUID | None = None
    new_id: UUID | None = None
    is_publishing: bool = False
    is_published: bool = False
    is_retiring: bool = False
    switched_at: datetime | None = None
    quiet_since: datetime | None = None
    readers: list[Reader] | None = None
    deployed: int = 0
    is_noted: bool = False
    before: str | None = None


RotationRun = Run[RotateRole, RotationMemo]


@dataclass(frozen=True, slots=True)
class RotationBase(ChangeSteps[RotateRole, RotationMemo]):
    async def subject(self, run: RotationRun) -> Subject:
        async with run.reading() as session:
            return await Subject.of(session, run.args)

    async def login(self, run: RotationRun, login_id: UUID | None) -> Login:
        assert login_id is not None
        async with run.reading() as session:
            return await LoginRepository(session).get(login_id)

    @asynccontextmanager
    async def on_server(self, target: Target, *, role: str) -> AsyncIterator[Session]:
        """Raises RoleDropped, PrivilegeMissing."""
        try:
            async with connect(target, application_name=logins.APPLICATION_NAME) as server:
                if await logins.missing_roles(server, [role]):
                    raise RoleDropped(role)
                yield server
        except PrivilegeMissing as refusal:
            raise PrivilegeMissing(
                f"{target.user!r}, as which this service logs in, may not change {role!r}: it has to be a superuser, or have "
                "CREATEROLE, from PostgreSQL 16 on with ADMIN on that role as well (GRANT … WITH ADMIN OPTION).",
                **refusal.members,
            ) from refusal

    def ours(self, database: Database) -> Target:
        return target_of(database, self.runtime.key_ring)

    def as_login(self, subject: Subject, login: Login, password: SecretStr) -> Target:
        database = subject.application.logical_database if subject.application else login.logical_database
        target = self.ours(subject.database)
        return replace(target, user=login.role, password=password, database=database or target.database)

    async def told_at(self, subject: Subject) -> Site | None:
        """Where variables tell the password; None where nobody is told by us."""
        is_told = subject.application is not None or subject.is_superuser
        if subject.database.provider != ProviderName.RAILWAY or not is_told:
            return None
        return await site_of(self.runtime, subject.database)

    async def say(
        self, run: RotationRun, session: Any, kind: str, subject: Subject, site: Site | None, **data: Any
    ) -> None:
        """In the transaction that makes it true."""
        database = subject.database
        if subject.application is not None:
            data["application"] = subject.application.name
        emit(session, kind, project_id=database.project_id, database_id=database.id, job_id=run.id, **data)
        if site is not None:
            await forget_seen(session, site, self.runtime.clock())

    async def held_for_cleanup(self, run: RotationRun, site: Site) -> None:
        """Somebody else's change of the environment ends, and a compensation has no later."""
        while True:
            if await self.hold(run, site) is None:
                return
            await asyncio.sleep(_BUSY_AGAIN_SECONDS)

    async def redeploying(self, run: RotationRun, subject: Subject) -> Move | None:
        """A move until every service that reads the password has been deployed with the new one."""
        site, memo = await self.told_at(subject), run.memo
        if site is None:
            return None
        if memo.readers is None:
            around = await seen_now(self.runtime, site)
            memo.readers = readers_of(subject, site, around, run.args.consumers, run.args.services)
            await run.remember()
        if memo.deployed >= len(memo.readers):
            await self.let_go(run)
            return None
        if busy := await self.hold(run, site):
            return busy
        reader = memo.readers[memo.deployed]
        place = at(site, reader)
        if not memo.is_noted:
            latest = await newest(site.client, place)
            memo.before, memo.is_noted = latest.id if latest else None, True
            await run.remember()
        was_asked = await asked_before(run)
        async with self.changing(site, Capability.DEPLOYMENTS_WRITE):
            await redeploy(site.client, place, after=memo.before, was_asked=was_asked)
        try:
            await settled(
                site.client,
                place,
                after=memo.before,
                seconds=SETTLE_SECONDS,
                note=lambda detail: run.report(detail=f"{reader.name}: {detail}"),
            )
        except DeploymentPending:
            return stay(1.0)
        memo.deployed += 1
        memo.before, memo.is_noted, memo.was_asked = None, False, False
        return stay(0.0)


def at(site: Site, reader: Reader) -> Place:
    return site.place.model_copy(update={"service_id": reader.service_id})
