"""The flows that restore: into a new logical database, and instead of one."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.schemas import TakeBackup
from app.databases.models import Database, DatabaseState
from app.databases.openings import close_address, open_address
from app.databases.repository import DatabaseRepository
from app.events.emit import emit
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import ArgsT, Move, Steps, Wait, done, go, step, wait
from app.jobs.models import Job
from app.jobs.run import Run
from app.jobs.states import FINAL, JobState
from app.kit.ids import decode_id, encode_id
from app.postgres.making import maintenance, oid_of
from app.postgres.roles import role_names
from app.postgres.swap import take_name
from app.postgres.traits import apply_traits
from app.postgres.version import server_version
from app.provisioning.schemas import CreateDatabase
from app.restores.aftermath import discard_new_database, end, undo_traces
from app.restores.checking import analyze, compared, require_equal
from app.restores.errors import NewServerFailed, SafetyBackupImpossible
from app.restores.loading import Loading, RestoreMemo, note_left_out
from app.restores.models import Restore, RestoreState, TargetKind
from app.restores.placing import put_in_place, put_instead_of_empty
from app.restores.planning import Plan, application_name, read_plan
from app.restores.repository import RestoreRepository
from app.restores.schemas import ReplaceDatabase, RestoreBackup
from app.restores.surveying import later_obstacle
from app.runtime import Runtime

RestoreRun = Run[Any, RestoreMemo]
LIVE = frozenset({RestoreState.PENDING, RestoreState.RUNNING})


@dataclass(frozen=True)
class RestoreSteps(Steps[ArgsT, RestoreMemo]):
    """What every restore does once it may: into a temporary database, which ``place`` gives its name when it is equal."""

    runtime: Runtime

    memo = RestoreMemo

    @step
    async def load(self, run: RestoreRun) -> Move:
        await Loading(self.runtime, run, await read_plan(run, self.runtime)).load()
        return go(self.analyze)

    @step
    async def analyze(self, run: RestoreRun) -> Move:
        await analyze(self.runtime, await read_plan(run, self.runtime), run)
        return go(self.compare)

    @step
    async def compare(self, run: RestoreRun) -> Move:
        await compare_and_report(await read_plan(run, self.runtime), run)
        return go(self.place)

    @step
    @abstractmethod
    async def place(self, run: RestoreRun) -> Move: ...

    @step
    async def leave(self, run: RestoreRun) -> Move:
        """What was opened to the server is closed."""
        restore = await _restore(run)
        return await close_address(self.runtime, run, restore.database_id) or result(restore)

    async def compensate(self, run: RestoreRun, outcome: JobState) -> None:
        restore = await end(run, outcome)
        if restore is not None:
            await self.undo(run, restore)
        if run.args.network is not None:
            await close_address(self.runtime, run, (await _restore(run)).database_id)

    async def undo(self, run: RestoreRun, restore: Restore) -> None:
        """Of what came to nothing. Twice is fine."""
        await undo_traces(self.runtime, run, restore)

    async def open_way(self, run: RestoreRun) -> Wait | None:
        """To the server, where the job is to have one of its own; a move while that takes time."""
        if run.args.network is None:
            return None
        opened = await open_address(self.runtime, run, (await _restore(run)).database_id)
        if isinstance(opened, Wait):
            return opened
        run.memo.address = opened
        return None


@dataclass(frozen=True)
class RestoreBackupSteps(RestoreSteps[RestoreBackup]):
    """Into a logical database that appears under its name only when it was found equal to the backup."""

    args = RestoreBackup

    @step
    async def provision(self, run: RestoreRun) -> Move:
        """A new server, when the restore wants one. The job that makes it is a child of this one."""
        restore = await begin(run)
        if restore.target_kind != TargetKind.NEW_DATABASE:
            return go(self.plan)
        child = await _child(run)
        if child is None:
            async with run.writing() as session:
                await _start_child(session, run, restore, CreateDatabase(database_id=restore.database_id))
        if child is None or child.state not in FINAL:
            return wait("the new server")
        if child.state == JobState.CANCELLED:
            raise NewServerFailed("The job that makes it was cancelled. Restore again.")
        async with run.writing() as session:
            # Not available to others before it holds what it was made for.
            moved = await DatabaseRepository(session).move(
                restore.database_id,
                frm={DatabaseState.AVAILABLE, DatabaseState.RESTORING},
                to=DatabaseState.RESTORING,
                job_id=run.id,
            )
        if not moved:
            raise NewServerFailed("Somebody deleted it meanwhile. Restore again.")
        return go(self.plan)

    @step
    async def plan(self, run: RestoreRun) -> Move:
        if waiting := await self.open_way(run):
            return waiting
        await require_possible(run, self.runtime)
        return go(self.load)

    async def undo(self, run: RestoreRun, restore: Restore) -> None:
        if restore.target_kind == TargetKind.NEW_DATABASE:
            await discard_new_database(run, restore)
        else:
            await undo_traces(self.runtime, run, restore)

    @step
    async def place(self, run: RestoreRun) -> Move:
        """Only now can anybody find it."""
        plan = await read_plan(run, self.runtime)
        memo = run.memo
        assert memo.temporary is not None
        assert memo.oid is not None
        await run.remember()  # a worker that lost its job ends here
        async with maintenance(plan.target, application_name=application_name(run), beside=plan.name) as session:
            if await oid_of(session, plan.name) != memo.oid:
                roles = await role_names(session)
                await note_left_out(run, await apply_traits(session, memo.temporary, plan.traits(), roles=roles))
            if plan.restore.target_kind == TargetKind.LOGICAL_DATABASE:
                await take_name(session, oid=memo.oid, beside=memo.temporary, name=plan.name)
        if plan.restore.target_kind == TargetKind.NEW_DATABASE:
            await put_instead_of_empty(plan, run)
        async with run.writing() as session:
            if plan.restore.target_kind == TargetKind.NEW_DATABASE:
                await DatabaseRepository(session).move(
                    plan.database.id, frm={DatabaseState.RESTORING}, to=DatabaseState.AVAILABLE, job_id=run.id
                )
            await finish(session, run, plan.restore)
        return result(plan.restore) if run.args.network is None else go(self.leave)


@dataclass(frozen=True)
class ReplaceDatabaseSteps(RestoreSteps[ReplaceDatabase]):
    """Beside the database first. Until the two change names the old one is used as if nothing happened."""

    args = ReplaceDatabase

    @step
    async def plan(self, run: RestoreRun) -> Move:
        await begin(run)
        if waiting := await self.open_way(run):
            return waiting
        await require_possible(run, self.runtime)
        return go(self.back_up)

    @step
    async def back_up(self, run: RestoreRun) -> Move:
        """What is about to be replaced, as it is now."""
        if not run.args.safety_backup:
            return go(self.load)
        async with run.reading() as session:
            restore = await RestoreRepository(session).find(run.args.restore_id)
        child = await _child(run)
        if child is None:
            args = TakeBackup.safety(restore.database_id, restore.logical_database, network=run.args.network)
            async with run.writing() as session:
                await _start_child(session, run, restore, args, subject=restore.logical_database)
        if child is None or child.state not in FINAL:
            return wait("the safety backup")
        if child.state == JobState.CANCELLED:
            raise SafetyBackupImpossible("its job was cancelled")
        assert child.result is not None
        backup_id = decode_id("bak", child.result["backup_ids"][0])
        async with run.writing() as session:
            await RestoreRepository(session).change(restore.id, safety_backup_id=backup_id)
        return go(self.load)

    @step
    async def place(self, run: RestoreRun) -> Move:
        plan = await read_plan(run, self.runtime)
        placed = await put_in_place(plan, run)
        async with run.writing() as session:
            await finish(
                session, run, plan.restore, previous_database=placed.aside, placed=placed.model_dump(mode="json")
            )
        return result(await _restore(run)) if run.args.network is None else go(self.leave)


async def begin(run: RestoreRun) -> Restore:
    async with run.writing() as session:
        restores = RestoreRepository(session)
        await restores.move(run.args.restore_id, frm=LIVE, to=RestoreState.RUNNING, job_id=run.id)
        return await restores.find(run.args.restore_id)


async def require_possible(run: RestoreRun, runtime: Runtime) -> None:
    plan = await read_plan(run, runtime)
    if plan.database.server_major is None:  # nobody has been in it yet
        version, major = await server_version(plan.target)
        async with run.writing() as session:
            database = await session.get_one(Database, plan.database.id, with_for_update=True)
            database.server_version, database.server_major = version, major
        plan = await read_plan(run, runtime)
    plan.client(runtime.toolchain)
    # The new server's default database is there already, and is replaced.
    if refusal := await later_obstacle(runtime, plan.target, plan.restore, plan):
        raise refusal


async def compare_and_report(plan: Plan, run: RestoreRun) -> None:
    report = await compared(plan, run)
    async with run.writing() as session:
        await RestoreRepository(session).change(plan.restore.id, report=report.model_dump(mode="json"))
    require_equal(report)


async def finish(session: AsyncSession, run: RestoreRun, restore: Restore, **values: Any) -> None:
    """Told once, also when a worker dies right after it and another one comes again."""
    moved = await RestoreRepository(session).move(
        restore.id,
        frm={RestoreState.RUNNING},
        to=RestoreState.RESTORED,
        finished_at=func.now(),
        report={**(restore.report or {}), "warnings": run.memo.warnings},
        **values,
    )
    if not moved:
        return
    emit(
        session,
        "restore.finished",
        project_id=restore.project_id,
        database_id=restore.database_id,
        subject_id=encode_id("rst", restore.id),
        job_id=run.id,
        backup_id=encode_id("bak", restore.backup_id),
        target_kind=restore.target_kind,
        logical_database=restore.logical_database,
    )


def result(restore: Restore) -> Move:
    aside = {} if restore.previous_database is None else {"previous_database": restore.previous_database}
    return done(
        type="restore",
        restore_id=encode_id("rst", restore.id),
        database_id=encode_id("db", restore.database_id),
        logical_database=restore.logical_database,
        **aside,
    )


async def _restore(run: RestoreRun) -> Restore:
    async with run.reading() as session:
        return await RestoreRepository(session).find(run.args.restore_id)


async def _child(run: RestoreRun) -> Job | None:
    """The only one that a restore starts, once it is there. Raises ChildFailed."""
    return next(iter(await run.children()), None)


async def _start_child(
    session: AsyncSession, run: RestoreRun, restore: Restore, args: CreateDatabase | TakeBackup, *, subject: str = ""
) -> None:
    await enqueue(
        session,
        args,
        created_by=run.job.created_by,
        targets=[Target(restore.database_id, subject)],
        project_id=restore.project_id,
        subject_id=args.subject_id(),
        parent=run.job,
        host_id=run.job.host_id,
        request_id=run.job.request_id,
        on_conflict=OnConflict.QUEUE,
    )
