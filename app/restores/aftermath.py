"""After a restore that failed or was cancelled: as if it had never been."""

import asyncio
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import select

from app.databases.access import target_of
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.errors import Unavailable
from app.events.emit import emit
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import Job
from app.jobs.run import Run
from app.jobs.states import FINAL, JobState
from app.kit.ids import encode_id
from app.postgres.connect import Session
from app.postgres.errors import DiskFull
from app.postgres.making import maintenance, make_room, names_beginning
from app.postgres.swap import Swap, SwapImpossible, is_done, reopen, swap_names
from app.provisioning.schemas import DeleteDatabase
from app.restores.loading import RestoreMemo, clear_away, prefix_of
from app.restores.models import Restore, RestoreState
from app.restores.placing import swap_of
from app.restores.planning import application_name
from app.restores.repository import RestoreRepository
from app.runtime import Runtime

_CHILD_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.5
_ENDED: Final = {JobState.FAILED: RestoreState.FAILED, JobState.CANCELLED: RestoreState.CANCELLED}


class ChildStillRuns(Unavailable):
    code, title = "CHILD_RUNNING", "The job that makes the new database does not end"


async def end(run: Run[Any, RestoreMemo], outcome: JobState) -> Restore | None:
    """Moves the row, before anything that may fail; None when the restore had succeeded just before, and stays."""
    error = (run.job.ending or {}).get("error")
    async with run.writing() as session:
        restores = RestoreRepository(session)
        moved = await restores.move(
            run.args.restore_id,
            frm={RestoreState.PENDING, RestoreState.RUNNING},
            to=_ENDED[outcome],
            finished_at=func.now(),
            error=error,
        )
        restore = await restores.find(run.args.restore_id)
        if moved and outcome is JobState.FAILED:
            emit(
                session,
                "restore.failed",
                project_id=restore.project_id,
                database_id=restore.database_id,
                subject_id=encode_id("rst", restore.id),
                job_id=run.id,
                code=(error or {}).get("code"),
            )
    return restore if restore.state in (RestoreState.FAILED, RestoreState.CANCELLED) else None


async def undo_traces(runtime: Runtime, run: Run[Any, RestoreMemo], restore: Restore) -> None:
    """No temporary database, no role that only it needed, and the old database under its name and open."""
    memo = run.memo
    if memo.temporary is None and not memo.roles_created:
        return
    async with run.reading() as session:
        database = await session.get_one(Database, restore.database_id)
    target = target_of(database, runtime.key_ring, address=memo.address)
    async with maintenance(target, application_name=application_name(run), beside=restore.logical_database) as session:
        if memo.placed is not None:
            await _changed_back(session, run, swap_of(memo.placed))
        if (restore.error or {}).get("code") == DiskFull.code:
            for name in await names_beginning(session, prefix_of(restore)):
                await make_room(target.with_database(name), application_name=application_name(run))
        await clear_away(session, restore, memo)


async def _changed_back(session: Session, run: Run[Any, RestoreMemo], swap: Swap) -> None:
    try:
        if await is_done(session, swap):
            await swap_names(session, swap.reversed())
        else:
            await reopen(session, swap)
    except SwapImpossible as problem:
        await run.warn(f"The names were left as they are. {problem.detail}")


async def discard_new_database(run: Run[Any, RestoreMemo], restore: Restore) -> None:
    """A server made for a restore that came to nothing is deleted again. Twice is fine.

    By a job of its own and no child: those are cancelled when this one is continued by another worker. It waits until
    this one has ended, so nothing here may wait for it.
    """
    await _children_ended(run)
    args = DeleteDatabase(database_id=restore.database_id, final_backup=False, state_before=DatabaseState.FAILED)
    async with run.writing() as session:
        moved = await DatabaseRepository(session).move(
            restore.database_id,
            frm=frozenset(DatabaseState) - {DatabaseState.DELETING, DatabaseState.DELETED},
            to=DatabaseState.DELETING,
            job_id=run.id,
            state_reason=f"{encode_id('rst', restore.id)} {restore.state}",
        )
        if moved:
            await enqueue(
                session,
                args,
                created_by=run.job.created_by,
                targets=[Target(restore.database_id)],
                project_id=restore.project_id,
                subject_id=args.subject_id(),
                host_id=run.job.host_id,
                request_id=run.job.request_id,
                dedupe_key=f"restore.discard:{restore.id}",
                on_conflict=OnConflict.QUEUE,
            )


async def _children_ended(run: Run[Any, RestoreMemo]) -> None:
    """Cancelled with this job, they remove their own traces; two must not do so at once."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _CHILD_SECONDS
    while loop.time() < deadline:
        async with run.reading() as session:
            states = (await session.exec(select(Job.state).where(Job.parent_id == run.id))).all()
        if all(JobState(state) in FINAL for state in states):
            return
        await asyncio.sleep(_POLL_SECONDS)
    raise ChildStillRuns("It was told to stop a minute ago; see the jobs whose parent this one is.")
