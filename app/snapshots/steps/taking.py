"""Taking a snapshot: asked for under a name of its own, and taken for there when the list shows that name."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field

from app.events.emit import emit
from app.jobs.machine import Move, Steps, done, go, stay, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.providers.railway import snapshots as railway
from app.providers.railway.errors import OutcomeUnknown, RailwayNotFound, RailwayProblem, RailwayUnavailable
from app.providers.railway.models import IntentOutcome, RailwayIntent
from app.providers.railway.snapshots import Snapshot, named
from app.providers.railway.workflows import Outcome, finished
from app.railway.capabilities import Capability
from app.railway.standing import recording
from app.runtime import Runtime
from app.snapshots.errors import SnapshotNotSeen, SnapshotRefused
from app.snapshots.room import require_room
from app.snapshots.schemas import SnapshotView, TakeSnapshot
from app.snapshots.steps import writing
from app.snapshots.steps.writing import database_of, hold, let_go, passed, pause, volume_of
from app.snapshots.volumes import Mounted

_MOST_REQUESTS = 2


class TakeMemo(BaseModel):
    """``looked_at`` is when the first look followed a request without an answer, which may have taken its time until then.

    ``said`` is what Railway answered when it left open whether it would do it.
    """

    requests: int = 0
    asked_at: datetime | None = None
    looked_at: datetime | None = None
    said: str | None = None
    silent: bool = True
    workflow_id: str | None = None
    ended_at: datetime | None = None
    removed: list[str] = Field(default_factory=list)
    told: bool = False


TakeRun = Run[TakeSnapshot, TakeMemo]


@dataclass(frozen=True, slots=True)
class TakeSnapshotSteps(Steps[TakeSnapshot, TakeMemo]):
    runtime: Runtime

    args = TakeSnapshot
    memo = TakeMemo

    @step
    async def ask(self, run: TakeRun) -> Move:
        """Once. A second request follows only if the first was never answered and the list stays without the name."""
        memo, at = run.memo, await volume_of(self.runtime, run)
        intent = await hold(self.runtime, run, at.place, {"volume_instance_id": at.volume.id, "name": run.args.name})
        if not isinstance(intent, RailwayIntent):
            return intent
        found = await at.snapshots()
        if named(found, run.args.name):
            return go(self.keep)
        if memo.asked_at is not None:
            memo.looked_at = memo.looked_at or self.runtime.clock()
            if not passed(self.runtime, memo.looked_at, writing.LOST_SECONDS):
                run.report(detail="looking for it in the list")
                return stay(writing.PAUSE_SECONDS)
            if not memo.silent:
                raise SnapshotRefused(memo.said or "no reason", len(found))
            if memo.requests >= _MOST_REQUESTS:
                raise SnapshotNotSeen(run.args.name, memo.said or "no answer came")
        require_room(at.volume, run.args.database_id)
        memo.requests, memo.silent = memo.requests + 1, True
        memo.asked_at, memo.looked_at = self.runtime.clock(), None
        await run.remember()
        try:
            async with recording(self.runtime, at.connection_id, Capability.SNAPSHOTS_WRITE):
                memo.workflow_id = await railway.take(at.client, at.volume.id, run.args.name)
        except OutcomeUnknown as unknown:
            memo.said, memo.silent = unknown.said, isinstance(unknown.__cause__, RailwayUnavailable)
            return stay(writing.PAUSE_SECONDS)
        except RailwayProblem:
            memo.requests, memo.asked_at = memo.requests - 1, None  # nothing was made
            raise
        return go(self.follow)

    @step
    async def follow(self, run: TakeRun) -> Move:
        memo, at = run.memo, await volume_of(self.runtime, run)
        outcome = await finished(
            at.client,
            memo.workflow_id,
            note=lambda detail: run.report(detail=detail),
            seconds=writing.POLL_SECONDS,
        )
        found = named(await at.snapshots(), run.args.name)
        if outcome is Outcome.RUNNING:
            if not passed(self.runtime, memo.asked_at, writing.WORKFLOW_SECONDS):
                return wait("the snapshot at Railway", seconds=pause(self.runtime, memo.asked_at))
            if not found:
                raise SnapshotNotSeen(run.args.name, "its workflow never ended")
            await run.warn("Railway never said that the work was done; the list shows the snapshot.")
        memo.ended_at = memo.ended_at or self.runtime.clock()
        if len(found) >= memo.requests or (found and passed(self.runtime, memo.ended_at, writing.LOST_SECONDS)):
            return go(self.keep)
        patience = writing.SEEN_SECONDS if outcome is Outcome.COMPLETE else writing.WORKFLOW_SECONDS
        if passed(self.runtime, memo.ended_at, patience):
            raise SnapshotNotSeen(run.args.name, f"its workflow is {outcome}")
        return stay(pause(self.runtime, memo.ended_at))

    @step
    async def keep(self, run: TakeRun) -> Move:
        """One of the name, whatever became of a request that was given up."""
        at = await volume_of(self.runtime, run)
        kept, *surplus = named(await at.snapshots(), run.args.name)
        for one in surplus:
            if one.id not in run.memo.removed:
                await _remove(at, one)
                run.memo.removed.append(one.id)
                await run.warn(
                    f"Railway had carried out both of two requests; the snapshot {one.id} was deleted again."
                )
        if surplus and not passed(self.runtime, run.memo.ended_at or run.memo.asked_at, writing.SEEN_SECONDS):
            return stay(writing.PAUSE_SECONDS)
        await let_go(self.runtime, run, IntentOutcome.DONE)
        database = await database_of(run)
        async with run.writing() as session:
            if not run.memo.told:
                run.memo.told = True
                emit(
                    session,
                    "snapshot.taken",
                    project_id=database.project_id,
                    database_id=database.id,
                    subject_id=kept.id,
                    job_id=run.id,
                    name=kept.name,
                )
        view = SnapshotView.of(kept).model_dump(mode="json")
        return done(database_id=encode_id("db", database.id), snapshot=view)

    async def compensate(self, run: TakeRun, _outcome: JobState) -> None:
        """What Railway may still make bears our name in the list, and does no harm."""
        await let_go(self.runtime, run, IntentOutcome.GIVEN_UP if run.memo.asked_at else IntentOutcome.UNDONE)


async def _remove(at: Mounted, snapshot: Snapshot) -> None:
    """Gone already, or perhaps: the next look tells."""
    try:
        await railway.delete(at.client, at.volume.id, snapshot.id)
    except (RailwayNotFound, OutcomeUnknown):
        return
