"""After a restore of a snapshot that failed or was cancelled."""

import asyncio
from typing import Final

from app.databases.models import DatabaseState
from app.databases.places import keep_place
from app.databases.repository import DatabaseRepository
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.providers.railway import patches
from app.providers.railway.models import IntentOutcome
from app.providers.railway.workflows import Outcome, WorkflowFailed, finished
from app.runtime import Runtime
from app.snapshots.errors import RestoreStillRuns
from app.snapshots.steps import writing
from app.snapshots.steps.rescheduling import SET_IT, schedule_lost
from app.snapshots.steps.restore_memo import RestoreRun
from app.snapshots.steps.swapping import staged_swap, undo
from app.snapshots.steps.writing import let_go, note_made, passed, pause, volume_of
from app.snapshots.volumes import Mounted

# Within the time that a worker has for one attempt to clear up.
_PATIENCE_SECONDS: Final = 400.0


async def abandon(runtime: Runtime, run: RestoreRun, outcome: JobState) -> None:
    """As if it had never been, unless the volumes were changed already: then the database stays on the new one."""
    outcome_at_railway = IntentOutcome.UNDONE
    if run.memo.asked_at is not None:
        at = await volume_of(runtime, run)
        if run.memo.swap is not None and run.memo.swap.is_made(at.environment):
            await _stay(runtime, run, at, outcome)
            return
        if not await _clear(runtime, run, at):
            outcome_at_railway = IntentOutcome.GIVEN_UP
    await let_go(runtime, run, outcome_at_railway)
    async with run.writing() as session:
        await DatabaseRepository(session).move(
            run.args.database_id, frm={DatabaseState.RESTORING}, to=run.args.state_before, job_id=run.id
        )


async def _clear(runtime: Runtime, run: RestoreRun, at: Mounted) -> bool:
    """Whether nothing of it is left. The copying cannot be stopped, and stages the change when it ends."""
    memo = run.memo
    if memo.swap is None:
        memo.new_volume_id = await _copied(runtime, run, at)
    if memo.swap is None:
        left = memo.new_volumes((await volume_of(runtime, run)).environment)
        if left:
            await note_made(runtime, run, volume_ids=left)
            await run.warn(
                f"Since the restore began, {', '.join(left)} appeared, which nothing mounts: it may be the copy of the "
                "snapshot. Look at it at Railway, and delete it if it is."
            )
        return not left
    left = await undo(at, memo.swap)
    for remark in left:
        await run.warn(remark)
    if left:
        await note_made(runtime, run, volume_id=memo.new_volume_id)
    return not left


async def _copied(runtime: Runtime, run: RestoreRun, at: Mounted) -> str | None:
    """The volume that the copy has become, once that is staged; None when it came to nothing.

    A request that was not answered may have begun a copy all the same. Raises RestoreStillRuns, after which the clearing is
    tried again.
    """
    memo = run.memo
    assert memo.service_id is not None
    assert memo.old_volume_id is not None
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_SECONDS
    while True:
        outcome = await _outcome(run, at)
        waiting = await patches.staged(at.client, at.place.environment_id)
        swap = staged_swap(waiting, memo.service_id, memo.old_volume_id)
        if swap is not None and outcome is not Outcome.RUNNING:
            return swap.new_volume_id
        if outcome is None or passed(runtime, memo.asked_at, await _patience(runtime, run, outcome)):
            return swap.new_volume_id if swap else None
        if loop.time() > until:
            raise RestoreStillRuns
        await asyncio.sleep(pause(runtime, memo.asked_at))


async def _patience(runtime: Runtime, run: RestoreRun, outcome: Outcome) -> float:
    """For how long after the request a change may still be staged."""
    if outcome is Outcome.COMPLETE:
        return writing.SEEN_SECONDS
    may_come = outcome is Outcome.RUNNING or run.memo.new_volumes((await volume_of(runtime, run)).environment)
    return writing.WORKFLOW_SECONDS if may_come else writing.UNSEEN_SECONDS


async def _outcome(run: RestoreRun, at: Mounted) -> Outcome | None:
    """None: Railway has given it up."""
    try:
        return await finished(
            at.client,
            run.memo.workflow_id,
            note=lambda detail: run.report(detail=detail),
            seconds=writing.POLL_SECONDS,
        )
    except WorkflowFailed:
        return None


async def _stay(runtime: Runtime, run: RestoreRun, at: Mounted, outcome: JobState) -> None:
    await let_go(runtime, run, IntentOutcome.DONE)
    await run.warn(
        f"The snapshot is mounted: the database is on the volume {at.volume.volume_id}, and {run.memo.old_volume_id} with "
        "the data from before is kept, unmounted. Mount that one again at Railway to go back."
    )
    if run.memo.schedule_kinds and not run.memo.is_scheduled:
        await run.warn(f"{schedule_lost(run.memo.schedule_kinds)}. {SET_IT}")
    async with run.writing() as session:
        await keep_place(
            session,
            run.args.database_id,
            runtime,
            volume_id=at.volume.volume_id,
            volume_instance_id=at.volume.id,
        )
        await DatabaseRepository(session).move(
            run.args.database_id,
            frm={DatabaseState.RESTORING},
            to=DatabaseState.UNREACHABLE,
            job_id=run.id,
            state_reason=f"restoring a snapshot {outcome} after the volumes were changed; see {encode_id('job', run.id)}",
        )
