"""One login gets another password: in the server, then in the variables, then in the services that read them.

Until the variables tell it, a failure or a cancel puts the former password back; from then on there is no way back that
would not be a second outage.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from pydantic import SecretStr
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.application_variables import write_application_variables
from app.connections.logins import (
    LoginRepository,
    new_password,
    open_login_password,
    open_next_password,
    seal_login_password,
)
from app.connections.models import Login, LoginKind, LoginState
from app.databases.access import password_of, seal_password
from app.databases.models import Database
from app.databases.places import Site
from app.databases.referrers import seen_now
from app.jobs.conflicts import ConflictClass
from app.jobs.machine import Move, done, go, step, wait
from app.jobs.models import JobTarget
from app.kit.ids import encode_id
from app.postgres import logins
from app.postgres.errors import AuthenticationFailed, PrivilegeMissing
from app.postgres.scram import verifier
from app.providers.railway import variables
from app.providers.railway.models import IntentOutcome
from app.railway.capabilities import Capability
from app.rotations.errors import NewLoginRefused, RoleDropped
from app.rotations.planning import INITIAL_PASSWORD
from app.rotations.readers import require_standalone
from app.rotations.steps.base import RotationBase, RotationRun
from app.rotations.subjects import Subject

_COMPOSED: Final = ("DATABASE_URL", "DATABASE_PUBLIC_URL", "PGPASSWORD")


@dataclass(frozen=True, slots=True)
class ImmediateSteps(RotationBase):
    @step
    async def change(self, run: RotationRun) -> Move:
        subject = await self.subject(run)
        if subject.is_superuser and (site := await self.told_at(subject)) is not None:
            require_standalone(await seen_now(self.runtime, site))
        if run.memo.new_id is None and subject.is_superuser and await self._is_in_use(run):
            return wait("backups and restores that log in with the present password", seconds=2.0)
        async with run.writing() as session:
            subject = await Subject.of(session, run.args)
            if run.memo.new_id is None:
                login = self._record(session, subject, run) if subject.is_superuser else subject.single()
                login.next_password_sealed = seal_login_password(
                    login.id, new_password(), self.runtime.key_ring, is_next=True
                )
                login.job_id = run.id
                run.memo.old_id = run.memo.new_id = login.id
        login = await self.login(run, run.memo.new_id)
        password = open_next_password(login, self.runtime.key_ring)
        if password is None:
            return go(self.publish)
        target = self.ours(subject.database)
        if subject.is_superuser:
            target = replace(target, password=await self._working(subject, login, password))
        async with self.on_server(target, role=login.role) as server:
            await logins.set_password(server, login.role, verifier(password))
        with suppress(PrivilegeMissing):  # what it may do once it is in is another matter
            refusal = await logins.refusal_of(self.as_login(subject, login, password))
            if refusal is not None:
                raise NewLoginRefused(login.role, refusal)
        await self._use(run, subject, password)
        return go(self.publish)

    @step
    async def publish(self, run: RotationRun) -> Move:
        subject, login = await self.subject(run), await self.login(run, run.memo.new_id)
        password = open_next_password(login, self.runtime.key_ring)
        site = await self.told_at(subject)
        if password is None:
            await self.let_go(run)
            return go(self.tell_consumers)
        if site is not None:
            if busy := await self.hold(run, site):
                return busy
            run.memo.is_publishing = True
            await run.remember()
            await self._write(subject, login, password, site)
            if subject.is_superuser:
                await _look_for_copies(run, site, password)
        async with run.writing() as session:
            row = await LoginRepository(session).get(login.id, change=True)
            _promote(row, seal_login_password(row.id, password, self.runtime.key_ring))
            row.rotated_at = self.runtime.clock()
            if row.kind == LoginKind.SUPERUSER:
                row.ended_at = self.runtime.clock()
            run.memo.is_published = True
            await self.say(run, session, "role.rotated", subject, site, role=row.role, before=row.role)
        await self.let_go(run)
        return go(self.tell_consumers)

    @step
    async def tell_consumers(self, run: RotationRun) -> Move:
        subject, login = await self.subject(run), await self.login(run, run.memo.new_id)
        return await self.redeploying(run, subject) or done(
            database_id=encode_id("db", subject.database.id),
            application=subject.application and subject.application.name,
            role=login.role,
            former_role=login.role,
            strategy=run.args.strategy,
            redeployed=[reader.name for reader in run.memo.readers or ()],
            sessions_ended=0,
        )

    async def undo_immediate(self, run: RotationRun) -> None:
        if run.memo.new_id is None:
            return
        subject, login = await self.subject(run), await self.login(run, run.memo.new_id)
        if run.memo.is_published:
            left = [reader.name for reader in (run.memo.readers or ())[run.memo.deployed :]]
            await run.warn(
                f"The new password of {login.role} holds. Not deployed with it: {', '.join(left) or 'nobody'}."
            )
            await self.let_go(run)
            return
        former, password = (find(login, self.runtime.key_ring) for find in (open_login_password, open_next_password))
        if password is not None:
            await self._back(run, subject, login, former, password)
        site = await self.told_at(subject)
        if site is not None and run.memo.is_publishing and former is not None:
            await self.held_for_cleanup(run, site)
            await self._write(subject, login, former, site)
        async with run.writing() as session:
            row = await LoginRepository(session).get(login.id, change=True)
            if former is None and password is not None:
                _promote(row, seal_login_password(row.id, password, self.runtime.key_ring))
            row.next_password_sealed = None
            if row.kind == LoginKind.SUPERUSER:
                row.state, row.ended_at, row.password_sealed = LoginState.ENDED, self.runtime.clock(), None
            await self.say(run, session, "role.rotation_undone", subject, site, role=login.role, undone=login.role)
        await self.let_go(run, IntentOutcome.GIVEN_UP)

    async def settle_passwords(self, run: RotationRun, subject: Subject) -> None:
        """An earlier rotation may have ended without learning which of two passwords the server has: they are tried."""
        login = next((one for one in subject.logins if one.next_password_sealed), None)
        if login is None or run.memo.new_id is not None:
            return
        if login.state not in (LoginState.CURRENT, LoginState.PENDING) and not subject.is_superuser:
            return
        password = open_next_password(login, self.runtime.key_ring)
        assert password is not None
        with suppress(PrivilegeMissing):
            is_new = await logins.refusal_of(self.as_login(subject, login, password)) is None
            async with run.writing() as session:
                row = await LoginRepository(session).get(login.id, change=True)
                if is_new:
                    row.password_sealed = seal_login_password(row.id, password, self.runtime.key_ring)
                row.next_password_sealed = None
            if is_new and subject.is_superuser:
                await self._use(run, subject, password)

    def _record(self, session: AsyncSession, subject: Subject, run: RotationRun) -> Login:
        """The row of the login that we use ourselves, which there is only while it is rotated. Its password is ours."""
        database = subject.database
        assert database.username is not None
        login = next(iter(subject.logins), None) or Login(
            project_id=database.project_id,
            database_id=database.id,
            kind=LoginKind.SUPERUSER,
            role=database.username,
            created_by=run.job.created_by,
        )
        former = password_of(database, self.runtime.key_ring)
        login.password_sealed = seal_login_password(login.id, former, self.runtime.key_ring)
        session.add(login)
        return login

    async def _is_in_use(self, run: RotationRun) -> bool:
        """A dump opens connections for as long as it runs, each with the password that it was started with."""
        query = select(JobTarget.job_id).where(
            JobTarget.database_id == run.args.database_id,
            col(JobTarget.conflict_class).in_((ConflictClass.BACKUP, ConflictClass.RESTORE)),
            col(JobTarget.held),
            ~col(JobTarget.done),
        )
        async with run.reading() as session:
            return (await session.exec(query.limit(1))).first() is not None

    async def _working(self, subject: Subject, login: Login, password: SecretStr) -> SecretStr:
        """Of ours: that of the database's row, unless an attempt died behind the change. Raises AuthenticationFailed."""
        ours = password_of(subject.database, self.runtime.key_ring)
        for candidate in (ours, password):
            refusal = await logins.refusal_of(self.as_login(subject, login, candidate))
            if refusal is None:
                return candidate
        raise AuthenticationFailed(
            f"Neither the password on record for {login.role} nor the one it was to get works: somebody has changed it. "
            "Set it back on the server, or adopt the server anew."
        )

    async def _use(self, run: RotationRun, subject: Subject, password: SecretStr) -> None:
        """From now on by everything that this service asks of the server, if it is the login that it uses."""
        if not subject.is_superuser:
            return
        async with run.writing() as session:
            row = await session.get_one(Database, subject.database.id, with_for_update=True, populate_existing=True)
            row.password_sealed = seal_password(row.id, password, self.runtime.key_ring)
            row.updated_at, row.revision = self.runtime.clock(), row.revision + 1

    async def _write(self, subject: Subject, login: Login, password: SecretStr, site: Site) -> None:
        if subject.application is not None:
            await write_application_variables(self.runtime, site, subject.application, login, password=password)
            return
        async with self.changing(site, Capability.VARIABLES_WRITE):
            await variables.upsert(site.client, site.place, {INITIAL_PASSWORD: password.get_secret_value()})

    async def _back(
        self, run: RotationRun, subject: Subject, login: Login, former: SecretStr | None, password: SecretStr
    ) -> None:
        if former is None:
            await run.warn(f"The former password of {login.role} is not on record here, so the new one stays.")
            return
        target = self.ours(subject.database)
        if subject.is_superuser:
            is_new = await logins.refusal_of(self.as_login(subject, login, password)) is None
            target = replace(target, password=password if is_new else former)
        with suppress(RoleDropped, PrivilegeMissing):  # what kept it from being changed as well
            async with self.on_server(target, role=login.role) as server:
                await logins.set_password(server, login.role, verifier(former))
        await self._use(run, subject, former)


async def _look_for_copies(run: RotationRun, site: Site, password: SecretStr) -> None:
    """Of what the template composes by reference somebody may have written a copy by hand."""
    seen = await variables.rendered(site.client, site.place)
    stale = [name for name in _COMPOSED if name in seen and password.get_secret_value() not in seen[name]]
    if stale:
        await run.warn(
            f"{', '.join(stale)} of the service at Railway is written by hand and tells the former password: refer to "
            f"${{{{{INITIAL_PASSWORD}}}}} in it, and deploy who reads it."
        )


def _promote(row: Login, sealed: bytes) -> None:
    """What was to come is what there is. The record of our own login ends with its rotation."""
    is_ours = row.kind == LoginKind.SUPERUSER
    row.password_sealed, row.next_password_sealed = None if is_ours else sealed, None
    row.state = LoginState.ENDED if is_ours else LoginState.CURRENT
    row.revision += 1
