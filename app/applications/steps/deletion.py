"""Taking an application's roles off a server: nobody gets in any more, then a successor has what it owns, then they go."""

from dataclasses import dataclass

from app.applications.errors import ApplicationNotFound
from app.applications.planning import check_deletion
from app.applications.schemas import DeleteApplication
from app.applications.steps.harden import APPLICATION_NAME, LOCK_SECONDS, STATEMENT_SECONDS
from app.applications.subject import Subject
from app.connections.application_variables import VariableNames
from app.connections.logins import LoginRepository
from app.connections.models import Application, LoginState
from app.databases.changing import ChangeMemo, ChangeSteps
from app.databases.models import ProviderName
from app.events.emit import emit
from app.jobs.machine import Move, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.postgres.connect import connect
from app.postgres.ownership import hand_over, owned_by
from app.postgres.role_removal import remove, shut_out
from app.providers.railway import variables
from app.railway.capabilities import Capability


class DeletionMemo(ChangeMemo):
    """``is_shut``: from then on the logins may be of no use."""

    is_shut: bool = False


DeletionRun = Run[DeleteApplication, DeletionMemo]


@dataclass(frozen=True, slots=True)
class DeletionSteps(ChangeSteps[DeleteApplication, DeletionMemo]):
    args = DeleteApplication
    memo = DeletionMemo
    operation = "application.delete"

    @step
    async def begin(self, run: DeletionRun) -> Move:
        """Whatever can stand against it does so here, before anybody is locked out."""
        await check_deletion(self.runtime, await self._subject(run), run.args.successor)
        return go(self.shut)

    @step
    async def shut(self, run: DeletionRun) -> Move:
        subject = await self._subject(run)
        run.memo.is_shut = True
        async with run.writing() as session:
            for login in await LoginRepository(session).of_application(subject.application.id, change=True):
                login.state, login.revision = LoginState.DISABLED, login.revision + 1
        for login in subject.logins:
            await shut_out(subject.target(self.runtime.key_ring), login.role)
        return go(self.hand)

    @step
    async def hand(self, run: DeletionRun) -> Move:
        """One by one, as they came; what is left of it, in whatever logical database, goes with the roles."""
        subject = await self._subject(run)
        if run.args.successor is not None:
            async with connect(
                subject.target(self.runtime.key_ring),
                application_name=APPLICATION_NAME,
                lock_timeout_seconds=LOCK_SECONDS,
                statement_timeout_seconds=STATEMENT_SECONDS,
            ) as session:
                objects = [one for role in subject.roles for one in await owned_by(session, role)]
                run.report(rows_done=0, rows_total=len(objects))
                await hand_over(session, objects, run.args.successor, note=lambda done: run.report(rows_done=done))
        return go(self.drop)

    @step
    async def drop(self, run: DeletionRun) -> Move:
        subject = await self._subject(run)
        for role in subject.roles:
            await remove(subject.target(self.runtime.key_ring), role, successor=run.args.successor, terminate=True)
        return go(self.tell_railway)

    @step
    async def tell_railway(self, run: DeletionRun) -> Move:
        subject = await self._subject(run)
        if subject.database.provider == ProviderName.RAILWAY:
            site = await self.site(run)
            names = VariableNames.of(subject.application).all()
            keys = [f"services.{site.place.service()}.variables.{name}" for name in names]
            if busy := await self.hold(run, site, keys=keys):
                return busy
            async with self.changing(site, Capability.CHANGES_WRITE):
                await variables.delete(site.client, site.place, names, f"Remove the application {run.args.name}")
            await self.let_go(run)
        return go(self.forget)

    @step
    async def forget(self, run: DeletionRun) -> Move:
        if not run.memo.is_told:
            await self._forget(run, await self._subject(run))
        return done(
            database_id=encode_id("db", run.args.database_id),
            application=run.args.name,
            successor=run.args.successor,
        )

    async def compensate(self, run: DeletionRun, outcome: JobState) -> None:
        await ChangeSteps.compensate(self, run, outcome)  # a class with slots is another than super() knows
        if run.memo.is_shut:
            await run.warn(
                "The application's logins are shut out already. Send the request again to finish, or POST "
                "/v1/databases/{id}:harden with its name, which lets the first one in again."
            )

    async def _subject(self, run: DeletionRun) -> Subject:
        async with run.reading() as session:
            found = await Subject.named(session, run.args.database_id, run.args.name)
        if found is None:
            raise ApplicationNotFound(run.args.name)
        return found

    async def _forget(self, run: DeletionRun, subject: Subject) -> None:
        now, run.memo.is_told = self.runtime.clock(), True
        async with run.writing() as session:
            for login in await LoginRepository(session).of_application(subject.application.id, change=True):
                login.state, login.ended_at, login.revision = LoginState.ENDED, now, login.revision + 1
            application = await session.get_one(Application, subject.application.id, with_for_update=True)
            application.deleted_at = application.updated_at = now
            application.revision += 1
            emit(
                session,
                "application.deleted",
                project_id=subject.database.project_id,
                database_id=subject.database.id,
                subject_id=encode_id("db", subject.database.id),
                job_id=run.id,
                application=application.name,
                successor=run.args.successor,
            )
