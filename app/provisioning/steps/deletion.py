"""Deleting a database: a final backup where one is wanted, then the server and its data, unless those are to stay."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from app.backups.schemas import TakeBackup
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.databases.spec import spec_of
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.lanes import nobody_takes
from app.jobs.machine import Move, Steps, done, go, step, wait
from app.jobs.models import Job
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.providers.protocol import NotYet
from app.provisioning.deleting import what_stays
from app.provisioning.errors import FinalBackupImpossible
from app.provisioning.schemas import DeleteDatabase
from app.provisioning.steps.arrival import database_of, rights, tell
from app.railway.capabilities import Capability
from app.runtime import Runtime


class DeleteMemo(BaseModel):
    """``report`` is what the provider said of the removal, or what was left to it."""

    destroying: bool = False
    report: dict[str, Any] = Field(default_factory=dict)


DeletionRun = Run[DeleteDatabase, DeleteMemo]


@dataclass(frozen=True, slots=True)
class DeleteDatabaseSteps(Steps[DeleteDatabase, DeleteMemo]):
    """The row and the backups stay."""

    runtime: Runtime

    args = DeleteDatabase
    memo = DeleteMemo

    @step
    async def back_up(self, run: DeletionRun) -> Move:
        """Nothing is destroyed before the backup that was promised is there; one that was cancelled is not."""
        last = self.forget if run.args.keep_server else self.destroy
        if not run.args.final_backup:
            return go(last)
        children = await run.children()
        if not children:
            await self._start_backup(run)
        elif all(child.state == JobState.SUCCEEDED for child in children):
            return go(last)
        elif any(child.state == JobState.CANCELLED for child in children):
            raise FinalBackupImpossible("the backup was cancelled")
        return wait(await _reason(run, children))

    @step
    async def destroy(self, run: DeletionRun) -> Move:
        database = await database_of(run)
        if database.state != DatabaseState.DELETED:  # by a worker that died before it could say so
            provider = self.runtime.providers[database.provider]
            spec = spec_of(database, self.runtime.key_ring, job_id=run.id)
            try:
                if not run.memo.destroying:
                    await provider.require_destroyable(spec)
                run.memo.destroying = True
                await run.remember()
                async with rights(self.runtime, database, Capability.SERVICES_WRITE):
                    run.memo.report = await provider.destroy(spec, lambda detail: run.report(detail=detail))
            except NotYet as not_yet:
                return wait(not_yet.waiting_for, seconds=not_yet.seconds)
            await self._end(run, database)
        for left in run.memo.report.get("left", ()):
            await run.warn(f"At Railway there is still {left}. It is billed on until somebody deletes it there.")
        return done(database_id=encode_id("db", database.id), **run.memo.report)

    @step
    async def forget(self, run: DeletionRun) -> Move:
        """Nobody is asked for anything: where the server is may be gone, or be a copy whose ids others have too."""
        database = await database_of(run)
        if database.state != DatabaseState.DELETED:
            run.memo.report = what_stays(database)
            await self._end(run, database)
        return done(database_id=encode_id("db", database.id), kept=True, **run.memo.report)

    async def compensate(self, run: DeletionRun, _outcome: JobState) -> None:
        """Before anything was destroyed the database is as it was; afterwards only deleting it again makes sense."""
        lost = run.memo.destroying
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                run.args.database_id,
                frm={DatabaseState.DELETING},
                to=DatabaseState.FAILED if lost else run.args.state_before,
                state_reason="its deletion did not finish; delete it again" if lost else None,
            )

    async def _end(self, run: DeletionRun, database: Database) -> None:
        async with run.writing() as session:
            if await DatabaseRepository(session).move(
                database.id,
                frm={DatabaseState.DELETING},
                to=DatabaseState.DELETED,
                deleted_at=self.runtime.clock(),
                password_sealed=None,
            ):
                tell(session, "database.deleted", database, run, kept=run.args.keep_server)

    async def _start_backup(self, run: DeletionRun) -> None:
        database = await database_of(run)
        async with run.writing() as session:
            await enqueue(
                session,
                TakeBackup.final(database.id),
                created_by=run.job.created_by,
                targets=[Target(database.id, "")],
                project_id=database.project_id,
                parent=run.job,
                host_id=database.host_id,
                request_id=run.job.request_id,
                on_conflict=OnConflict.QUEUE,
            )


async def _reason(run: DeletionRun, children: list[Job]) -> str:
    """What the backup itself waits for belongs to it, since nobody looks at the backup's job first."""
    async with run.reading() as session:
        left = await nobody_takes(session, children)
    reasons = [reason for child in children if (reason := left.get(child.id) or child.waiting_for)]
    return ": ".join(["the final backup", *reasons[-1:]])
