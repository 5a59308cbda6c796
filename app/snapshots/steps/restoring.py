"""Restoring a snapshot: Railway copies it into a new volume and stages the change, which we commit.

Until the commit the database runs as if nothing happened, and everything is undone when the job fails or is cancelled.
After it the former volume is still there.
"""

from dataclasses import dataclass

from app.backups.schemas import TakeBackup
from app.databases.places import keep_place
from app.events.emit import emit
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import Move, Steps, done, go, stay, step, wait
from app.jobs.states import FINAL, JobState
from app.kit.ids import encode_id, new_id
from app.locations.holdings import Origin
from app.providers.railway import deployments, patches
from app.providers.railway import snapshots as railway
from app.providers.railway.errors import OutcomeUnknown, RailwayBusy, RailwayProblem, RailwayUnavailable
from app.providers.railway.models import IntentOutcome, RailwayIntent
from app.providers.railway.workflows import Outcome, finished
from app.railway.capabilities import Capability
from app.railway.standing import recording
from app.runtime import Runtime
from app.snapshots.errors import RestoreNotCommitted, RestoreNotStaged, SafetyBackupImpossible
from app.snapshots.schemas import RestoreSnapshot
from app.snapshots.steps import writing
from app.snapshots.steps.abandoning import abandon
from app.snapshots.steps.arriving import arrive
from app.snapshots.steps.rescheduling import remember_schedule, schedule_again
from app.snapshots.steps.restore_memo import RestoreMemo, RestoreRun
from app.snapshots.steps.swapping import Swap, delete_volume, staged_swap
from app.snapshots.steps.writing import database_of, hold, let_go, note_made, passed, pause, volume_of
from app.snapshots.volumes import Mounted
from app.storage.finishing import finished as carried_through

_MOST_REQUESTS = 2
_SETTLE_SLICE_SECONDS = 30.0
_ANSWER_SECONDS = 20.0  # for a job that is cancelled meanwhile


@dataclass(frozen=True, slots=True)
class RestoreSnapshotSteps(Steps[RestoreSnapshot, RestoreMemo]):
    runtime: Runtime

    args = RestoreSnapshot
    memo = RestoreMemo

    @step
    async def back_up(self, run: RestoreRun) -> Move:
        """What is about to be replaced, as it is now: every logical database of the server."""
        if not run.args.safety_backup:
            return go(self.prepare)
        children = await run.children()
        if not children:
            await self._start_backup(run)
        elif any(child.state == JobState.CANCELLED for child in children):
            raise SafetyBackupImpossible("the backup was cancelled")
        elif all(child.state in FINAL for child in children):
            run.memo.backup_ids = [id_ for child in children for id_ in (child.result or {}).get("backup_ids", [])]
            return go(self.prepare)
        return wait("the safety backup")

    @step
    async def prepare(self, run: RestoreRun) -> Move:
        """From here on no other job of ours changes the environment. What others have staged would be deployed with ours."""
        memo, at = run.memo, await volume_of(self.runtime, run)
        service_id = at.place.service()
        plan = {
            "service_id": service_id,
            "snapshot_id": run.args.snapshot_id,
            "replaced_volume_id": at.volume.volume_id,
            "keys": [f"services.{service_id}.volumeMounts"],
        }
        intent = await hold(self.runtime, run, at.place, plan)
        if not isinstance(intent, RailwayIntent):
            return intent
        await at.snapshot(run.args.snapshot_id)
        waiting = await patches.staged(at.client, at.place.environment_id)
        patches.require_own(waiting, [], force=run.args.force)
        if staged_swap(waiting, service_id, at.volume.volume_id) is not None:
            raise patches.StagedChangesForeign(at.place.environment_id, waiting.keys)  # to be forced by nobody
        memo.service_id, memo.old_volume_id, memo.volume_instance_id = service_id, at.volume.volume_id, at.volume.id
        memo.volumes_before = sorted(volume.volume_id for volume in at.environment.volumes)
        await remember_schedule(run, at)
        return go(self.ask)

    @step
    async def ask(self, run: RestoreRun) -> Move:
        """Once. A second request follows only if the first was never answered, and neither a volume nor a change came."""
        memo, at = run.memo, await volume_of(self.runtime, run)
        if memo.asked_at is not None:
            if await self._swap(run, at) is not None:
                return go(self.commit)
            if memo.new_volumes(at.environment):
                return go(self.follow)
            memo.looked_at = memo.looked_at or self.runtime.clock()
            if not passed(self.runtime, memo.looked_at, writing.LOST_SECONDS):
                run.report(detail="looking for what Railway has made of the request")
                return stay(writing.PAUSE_SECONDS)
            if not memo.silent or memo.requests >= _MOST_REQUESTS:
                raise RestoreNotStaged(memo.said, [])
        memo.requests, memo.silent = memo.requests + 1, True
        memo.asked_at, memo.looked_at = self.runtime.clock(), None
        await run.remember()
        try:
            await self._request(run, at)
        except OutcomeUnknown as unknown:
            memo.said, memo.silent = unknown.said, isinstance(unknown.__cause__, RailwayUnavailable)
            return stay(writing.PAUSE_SECONDS)
        except RailwayProblem:
            memo.requests, memo.asked_at = memo.requests - 1, None  # nothing was made
            raise
        return go(self.follow)

    @step
    async def follow(self, run: RestoreRun) -> Move:
        """It takes the longer the larger the volume is."""
        memo, at = run.memo, await volume_of(self.runtime, run)
        outcome = await finished(
            at.client,
            memo.workflow_id,
            note=lambda detail: run.report(detail=detail),
            seconds=writing.POLL_SECONDS,
        )
        swap = await self._swap(run, at)
        if outcome is Outcome.RUNNING and not passed(self.runtime, memo.asked_at, writing.WORKFLOW_SECONDS):
            return wait("the copy of the snapshot at Railway", seconds=pause(self.runtime, memo.asked_at))
        if swap is not None:
            return go(self.commit)
        memo.ended_at = memo.ended_at or self.runtime.clock()
        patience = writing.SEEN_SECONDS if outcome is Outcome.COMPLETE else writing.WORKFLOW_SECONDS
        if outcome is Outcome.RUNNING or passed(self.runtime, memo.ended_at, patience):
            raise RestoreNotStaged(f"its workflow is {outcome}", memo.new_volumes(at.environment))
        return stay(pause(self.runtime, memo.ended_at))

    @step
    async def commit(self, run: RestoreRun) -> Move:
        """The only moment at which the database changes. What is staged is read once more right before."""
        memo, at = run.memo, await volume_of(self.runtime, run)
        swap = memo.swap
        assert swap is not None
        if swap.is_made(at.environment):
            return await self._adopt(run, at)
        if memo.committed_at is not None and passed(self.runtime, memo.committed_at, writing.SEEN_SECONDS):
            raise RestoreNotCommitted("it was looked for in vain")
        if memo.deployment_before is None:
            newest = await deployments.newest(at.client, at.place)
            memo.deployment_before = newest.id if newest else ""
        await run.remember()
        try:
            async with recording(self.runtime, at.connection_id, Capability.CHANGES_WRITE):
                await patches.commit_staged(
                    at.client,
                    at.place.environment_id,
                    f"Restore the snapshot {run.args.snapshot_id}",
                    own_keys=swap.keys,
                    force=run.args.force,
                )
        except RailwayBusy:
            return wait("another operation at Railway")
        except OutcomeUnknown as unknown:
            run.report(detail=f"the commit is uncertain: {unknown.said}")
        memo.committed_at = memo.committed_at or self.runtime.clock()
        return stay(writing.PAUSE_SECONDS)

    @step
    async def reschedule(self, run: RestoreRun) -> Move:
        """Before anything that may fail: what the platform did for the former volume it does for this one."""
        try:
            await schedule_again(self.runtime, run, await volume_of(self.runtime, run))
        except RailwayBusy:
            return wait("another operation at Railway", seconds=writing.PAUSE_SECONDS)
        return go(self.settle)

    @step
    async def settle(self, run: RestoreRun) -> Move:
        """The service is deployed onto the new volume."""
        at = await volume_of(self.runtime, run)
        try:
            await deployments.settled(
                at.client,
                at.place,
                after=run.memo.deployment_before,
                seconds=_SETTLE_SLICE_SECONDS,
                note=lambda detail: run.report(detail=detail),
            )
        except deployments.DeploymentPending:
            if passed(self.runtime, run.memo.adopted_at, deployments.SETTLED_SECONDS):
                raise
            return wait("the deployment at Railway", seconds=writing.PAUSE_SECONDS)
        run.memo.deployed_at = run.memo.deployed_at or self.runtime.clock()
        return go(self.connect)

    @step
    async def connect(self, run: RestoreRun) -> Move:
        """Where we get to: after a crash recovery the server answers, and knows our password or an older one."""
        if not await arrive(self.runtime, run):
            return stay(writing.PAUSE_SECONDS)
        return go(self.tidy)

    @step
    async def tidy(self, run: RestoreRun) -> Move:
        """The volume from before stays unless its deletion was asked for, and then for 48 hours more."""
        memo, at = run.memo, await volume_of(self.runtime, run)
        assert memo.old_volume_id is not None
        deleted = False
        if run.args.delete_old_volume:
            async with recording(self.runtime, at.connection_id, Capability.VOLUMES_WRITE):
                deleted = await delete_volume(at, memo.old_volume_id)
            if not deleted:
                await run.warn(f"The volume {memo.old_volume_id} is mounted by a service again and was not deleted.")
        await let_go(self.runtime, run, IntentOutcome.DONE)
        database = await database_of(run)
        return done(
            type="snapshot_restore",
            database_id=encode_id("db", database.id),
            snapshot_id=run.args.snapshot_id,
            volume_id=memo.new_volume_id,
            schedule_kinds=[kind.lower() for kind in memo.schedule_kinds if memo.is_scheduled],
            replaced_volume={
                "volume_id": memo.old_volume_id,
                "deleted": deleted,
                "billed": not deleted,
                "note": "Railway can bring it back for 48 hours."
                if deleted
                else "It is mounted by nothing, and billed by what it holds. Delete it at Railway when you no longer need it.",
            },
            safety_backup_ids=memo.backup_ids,
        )

    async def compensate(self, run: RestoreRun, outcome: JobState) -> None:
        await abandon(self.runtime, run, outcome)

    async def _request(self, run: RestoreRun, at: Mounted) -> None:
        """Its answer is awaited even when the job is cancelled: without the workflow's id its end is hard to tell."""
        memo = run.memo

        async def asked() -> None:
            async with recording(self.runtime, at.connection_id, Capability.SNAPSHOTS_WRITE):
                memo.workflow_id = await railway.restore(at.client, memo.volume_instance_id, run.args.snapshot_id)

        await carried_through(asked(), grace_seconds=_ANSWER_SECONDS)

    async def _swap(self, run: RestoreRun, at: Mounted) -> Swap | None:
        """What is staged for us, kept in the memo and in the intent as soon as it is seen."""
        memo = run.memo
        assert memo.service_id is not None
        assert memo.old_volume_id is not None
        if memo.swap is None:
            waiting = await patches.staged(at.client, at.place.environment_id)
            found = staged_swap(waiting, memo.service_id, memo.old_volume_id)
            if found is not None and found.new_volume_id not in memo.volumes_before:
                memo.new_volume_id = found.new_volume_id
                await note_made(self.runtime, run, volume_id=found.new_volume_id, keys=found.keys)
        return memo.swap

    async def _adopt(self, run: RestoreRun, at: Mounted) -> Move:
        """The place is told at once: from here on the database is what the new volume holds, whatever follows."""
        memo = run.memo
        async with run.writing() as session:
            if memo.adopted_at is None:
                memo.adopted_at = self.runtime.clock()
                database = await keep_place(
                    session,
                    run.args.database_id,
                    self.runtime,
                    volume_id=at.volume.volume_id,
                    volume_instance_id=at.volume.id,
                )
                emit(
                    session,
                    "snapshot.restored",
                    project_id=database.project_id,
                    database_id=database.id,
                    subject_id=run.args.snapshot_id,
                    job_id=run.id,
                    volume_id=memo.new_volume_id,
                    replaced_volume_id=memo.old_volume_id,
                )
        return go(self.reschedule)

    async def _start_backup(self, run: RestoreRun) -> None:
        database = await database_of(run)
        args = TakeBackup(database_id=database.id, set_id=new_id(), origin=Origin.SAFETY)
        async with run.writing() as session:
            await enqueue(
                session,
                args,
                created_by=run.job.created_by,
                targets=[Target(database.id, "")],
                project_id=database.project_id,
                subject_id=args.subject_id(),
                parent=run.job,
                request_id=run.job.request_id,
                on_conflict=OnConflict.QUEUE,
            )
