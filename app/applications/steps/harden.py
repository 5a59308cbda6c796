"""Giving an application roles of its own, step by step: each may be killed and run again, and the job sent again.

The rows come first, then the roles, then what they own; nobody is told of a login before it has let us in.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic import Field

from app.applications import roles
from app.applications.errors import ApplicationNotFound
from app.applications.moving import jobs_of, moves, warnings_about_left
from app.applications.planning import counts_of
from app.applications.schemas import ConsumersMove, HardenApplication
from app.applications.subject import Subject
from app.connections.application_variables import write_application_variables
from app.connections.logins import LoginRepository, open_login_password
from app.connections.models import Application, LoginState
from app.databases.access import target_of
from app.databases.changing import ChangeMemo, ChangeSteps
from app.databases.models import Database, ProviderName
from app.databases.referrers import forget_seen, seen_now
from app.events.emit import emit
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import Move, done, go, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.postgres import connect as postgres
from app.postgres.ownership import hand_over, owned_by
from app.postgres.ownership_roles import ApplicationRoles, give_access, make_roles

APPLICATION_NAME = "pgmanager applications"
LOCK_SECONDS = 2.0  # so long, and no longer, does anybody queue behind a statement of ours that waits
STATEMENT_SECONDS = 120.0


class HardenMemo(ChangeMemo):
    """``is_new``: the rows are this job's. ``is_made``: from then on the server may have the roles."""

    application_id: UUID | None = None
    is_new: bool = False
    is_made: bool = False
    handed_over: dict[str, int] = Field(default_factory=dict)
    moved: list[str] = Field(default_factory=list)
    left: list[str] = Field(default_factory=list)


HardenRun = Run[HardenApplication, HardenMemo]


@dataclass(frozen=True, slots=True)
class HardenSteps(ChangeSteps[HardenApplication, HardenMemo]):
    args = HardenApplication
    memo = HardenMemo
    operation = "application.harden"

    @step
    async def begin(self, run: HardenRun) -> Move:
        """Whatever can stand against it does so here, before anything is written."""
        async with run.reading() as session:
            database = await session.get_one(Database, run.args.database_id)
            known = await Subject.named(session, database.id, run.args.name)
        if known is not None:
            roles.require_home(known.application, run.args.logical_database)
        target = (
            known.target(self.runtime.key_ring)
            if known
            else target_of(database, self.runtime.key_ring, database_name=run.args.logical_database)
        )
        async with postgres.connect(target, application_name=APPLICATION_NAME) as session:
            await roles.require_rights(session, run.args)
            await roles.chosen_schemas(session, run.args.schemas, target.database)
            if known is None:
                await roles.require_free(session, roles.role_names(run.args.name))
        await self._write_rows(run, database, target.database)
        return go(self.make)

    @step
    async def make(self, run: HardenRun) -> Move:
        subject = await self._subject(run)
        if not run.memo.is_made:
            run.memo.is_made = True
            await run.remember()
        wanted = self._wanted(run, subject)
        async with postgres.connect(
            subject.target(self.runtime.key_ring), application_name=APPLICATION_NAME
        ) as session:
            await make_roles(session, wanted)
            schemas = await roles.chosen_schemas(
                session, run.args.schemas, subject.target(self.runtime.key_ring).database
            )
            await give_access(session, wanted, schemas, revoke=run.args.revoke_public_create)
        return go(self.hand)

    @step
    async def hand(self, run: HardenRun) -> Move:
        subject = await self._subject(run)
        async with postgres.connect(
            subject.target(self.runtime.key_ring),
            application_name=APPLICATION_NAME,
            lock_timeout_seconds=LOCK_SECONDS,
            statement_timeout_seconds=STATEMENT_SECONDS,
        ) as session:
            objects = await owned_by(session, subject.target(self.runtime.key_ring).user, schemas=run.args.schemas)
            run.report(rows_done=0, rows_total=len(objects))
            # Of all attempts: what an earlier one has handed over is not found any more.
            for counted in counts_of(objects):
                run.memo.handed_over[counted.kind] = max(run.memo.handed_over.get(counted.kind, 0), counted.count)
            await hand_over(
                session, objects, subject.application.owner_role, note=lambda done: run.report(rows_done=done)
            )
        return go(self.prove)

    @step
    async def prove(self, run: HardenRun) -> Move:
        """The login is tried before anybody is told of it."""
        subject = await self._subject(run)
        first = roles.first_to_use(subject.logins)
        password = open_login_password(first, self.runtime.key_ring)
        if first.state == LoginState.PENDING and password is not None:
            target = replace(subject.target(self.runtime.key_ring), user=first.role, password=password)
            async with postgres.connect(target, application_name=APPLICATION_NAME) as session:
                await session.execute("SELECT 1")
        await self._settle(run, subject)
        return go(self.tell_railway)

    @step
    async def tell_railway(self, run: HardenRun) -> Move:
        subject = await self._subject(run)
        if subject.database.provider != ProviderName.RAILWAY:
            return self._end(run, subject)
        site = await self.site(run)
        if busy := await self.hold(run, site, application=run.args.name):
            return busy
        await write_application_variables(self.runtime, site, subject.application, roles.first_to_use(subject.logins))
        async with run.writing() as session:
            await forget_seen(session, site, self.runtime.clock())
        await self.let_go(run)
        return go(self.lead)

    @step
    async def lead(self, run: HardenRun) -> Move:
        """A job for each variable that is moved, all started in one transaction."""
        subject = await self._subject(run)
        if run.args.consumers is ConsumersMove.LEAVE or await run.children():
            return go(self.led)
        site = await self.site(run)
        around = await seen_now(self.runtime, site)
        found = moves(site.place.service(), around, subject.application)
        run.memo.moved = [f"{one.service}.{one.variable}" for one in found if one.after is not None]
        run.memo.left = [f"{one.service or 'shared'}.{one.variable}" for one in found if one.after is None]
        for told in warnings_about_left(found):
            await run.warn(told)
        async with run.writing() as session:
            for args in jobs_of(subject.database.id, around, found, redeploy=run.args.redeploy):
                await enqueue(
                    session,
                    args,
                    created_by=run.job.created_by,
                    targets=[Target(subject.database.id)],
                    project_id=subject.database.project_id,
                    subject_id=args.subject_id(),
                    parent=run.job,
                    request_id=run.job.request_id,
                    on_conflict=OnConflict.QUEUE,
                )
        return go(self.led)

    @step
    async def led(self, run: HardenRun) -> Move:
        if not await run.children_ended():
            return wait("the services that are led to the application's login")
        return self._end(run, await self._subject(run))

    async def compensate(self, run: HardenRun, outcome: JobState) -> None:
        """What has been handed over stays so, since the superuser can do everything with it as before."""
        await ChangeSteps.compensate(self, run, outcome)  # a class with slots is another than super() knows
        if run.memo.application_id is None:
            return
        if run.memo.is_made or not run.memo.is_new:
            await run.warn(
                "What was done stays as it is: send the request again to finish it, or take it back (DELETE "
                "/v1/databases/{id}/applications/{name} with the superuser as successor)."
            )
            return
        async with run.writing() as session:
            application = await session.get(Application, run.memo.application_id)
            if application is not None:
                for login in await LoginRepository(session).of_application(application.id, change=True):
                    await session.delete(login)
                await session.flush()
                await session.delete(application)

    async def _write_rows(self, run: HardenRun, database: Database, logical_database: str) -> None:
        async with run.writing() as session:
            repository = LoginRepository(session)
            application = await repository.application(database.id, run.args.name)
            if application is None:
                application, logins = roles.new_rows(
                    database,
                    run.args.name,
                    logical_database,
                    created_by=run.job.created_by,
                    job_id=run.id,
                    key_ring=self.runtime.key_ring,
                )
                session.add(application)
                await session.flush()
                session.add_all(logins)
                run.memo.is_new = True
            else:
                roles.renew(await repository.of_application(application.id, change=True), self.runtime.key_ring)
            run.memo.application_id = application.id
            await session.flush()

    async def _settle(self, run: HardenRun, subject: Subject) -> None:
        now = self.runtime.clock()
        async with run.writing() as session:
            logins = await LoginRepository(session).of_application(subject.application.id, change=True)
            application = await session.get_one(Application, subject.application.id, with_for_update=True)
            first = roles.first_to_use(logins)
            is_new = first.state != LoginState.CURRENT
            for login in logins:
                if login.state == LoginState.PENDING:
                    login.state = LoginState.CURRENT if login is first else LoginState.DISABLED
                    login.revision += 1
            if is_new:
                first.rotated_at = now
            if run.args.timeouts is not None:
                application.options = application.options | {"timeouts": run.args.timeouts.model_dump()}
            application.updated_at, application.revision = now, application.revision + 1
            if not run.memo.is_told:
                run.memo.is_told = True
                emit(
                    session,
                    "application.hardened",
                    project_id=subject.database.project_id,
                    database_id=subject.database.id,
                    subject_id=encode_id("db", subject.database.id),
                    job_id=run.id,
                    application=application.name,
                    handed_over=run.memo.handed_over,
                )

    def _wanted(self, run: HardenRun, subject: Subject) -> ApplicationRoles:
        return roles.wanted(subject.application, subject.logins, run.args.timeouts, self.runtime.key_ring)

    async def _subject(self, run: HardenRun) -> Subject:
        async with run.reading() as session:
            found = await Subject.named(session, run.args.database_id, run.args.name)
        if found is None:
            raise ApplicationNotFound(run.args.name)
        return found

    def _end(self, run: HardenRun, subject: Subject) -> Move:
        result: dict[str, Any] = {
            "database_id": encode_id("db", subject.database.id),
            "application": subject.application.name,
            "logical_database": subject.application.logical_database,
            "owner_role": subject.application.owner_role,
            "role": roles.first_to_use(subject.logins).role,
            "handed_over": run.memo.handed_over,
            "moved": run.memo.moved,
            "left": run.memo.left,
        }
        return done(**result)
