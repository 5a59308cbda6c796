"""Deleting a snapshot: done when the list no longer shows it."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from app.events.emit import emit
from app.jobs.machine import Move, Steps, done, go, stay, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.providers.railway import snapshots as railway
from app.providers.railway.errors import OutcomeUnknown, RailwayNotFound
from app.providers.railway.models import IntentOutcome, RailwayIntent
from app.providers.railway.workflows import Outcome, finished
from app.railway.capabilities import Capability
from app.railway.standing import recording
from app.runtime import Runtime
from app.snapshots.errors import SnapshotStays
from app.snapshots.schemas import DeleteSnapshot
from app.snapshots.steps import writing
from app.snapshots.steps.writing import database_of, hold, let_go, passed, pause, volume_of
from app.snapshots.volumes import Mounted


class DeleteMemo(BaseModel):
    asked_at: datetime | None = None
    said: str = "no answer came"
    workflow_id: str | None = None
    told: bool = False


DeleteRun = Run[DeleteSnapshot, DeleteMemo]


@dataclass(frozen=True, slots=True)
class DeleteSnapshotSteps(Steps[DeleteSnapshot, DeleteMemo]):
    """Asking twice for the same id does no harm, so a request that was not answered is sent again."""

    runtime: Runtime

    args = DeleteSnapshot
    memo = DeleteMemo

    @step
    async def ask(self, run: DeleteRun) -> Move:
        memo, at = run.memo, await volume_of(self.runtime, run)
        plan = {"volume_instance_id": at.volume.id, "snapshot_id": run.args.snapshot_id}
        intent = await hold(self.runtime, run, at.place, plan)
        if not isinstance(intent, RailwayIntent):
            return intent
        if not await _is_there(at, run):
            return go(self.end)
        if passed(self.runtime, memo.asked_at, writing.LOST_SECONDS):
            raise SnapshotStays(run.args.snapshot_id, memo.said)
        memo.asked_at = memo.asked_at or self.runtime.clock()
        await run.remember()
        try:
            async with recording(self.runtime, at.connection_id, Capability.SNAPSHOTS_WRITE):
                memo.workflow_id = await railway.delete(at.client, at.volume.id, run.args.snapshot_id)
        except RailwayNotFound:
            return go(self.end)
        except OutcomeUnknown as unknown:
            memo.said = unknown.said
            return stay(writing.PAUSE_SECONDS)
        memo.asked_at = self.runtime.clock()
        return go(self.follow)

    @step
    async def follow(self, run: DeleteRun) -> Move:
        at = await volume_of(self.runtime, run)
        outcome = await finished(
            at.client,
            run.memo.workflow_id,
            note=lambda detail: run.report(detail=detail),
            seconds=writing.POLL_SECONDS,
        )
        if not await _is_there(at, run):
            return go(self.end)
        patience = writing.SEEN_SECONDS if outcome is Outcome.COMPLETE else writing.WORKFLOW_SECONDS
        if passed(self.runtime, run.memo.asked_at, patience):
            raise SnapshotStays(run.args.snapshot_id, f"its workflow is {outcome}")
        return wait("the deletion at Railway", seconds=pause(self.runtime, run.memo.asked_at))

    @step
    async def end(self, run: DeleteRun) -> Move:
        await let_go(self.runtime, run, IntentOutcome.DONE)
        database = await database_of(run)
        async with run.writing() as session:
            if not run.memo.told:
                run.memo.told = True
                emit(
                    session,
                    "snapshot.deleted",
                    project_id=database.project_id,
                    database_id=database.id,
                    subject_id=run.args.snapshot_id,
                    job_id=run.id,
                )
        return done(database_id=encode_id("db", database.id), snapshot_id=run.args.snapshot_id)

    async def compensate(self, run: DeleteRun, _outcome: JobState) -> None:
        await let_go(self.runtime, run, IntentOutcome.GIVEN_UP if run.memo.asked_at else IntentOutcome.UNDONE)


async def _is_there(at: Mounted, run: DeleteRun) -> bool:
    return any(one.id == run.args.snapshot_id for one in await at.snapshots())
