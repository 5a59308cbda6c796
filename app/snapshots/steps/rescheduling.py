"""The platform's schedule goes along when a restore swaps volumes: otherwise its snapshots would silently end.

A schedule is never worth a restore: what Railway refuses is a warning of the job.
"""

from app.errors import Problem
from app.providers.railway import snapshots as railway
from app.providers.railway.errors import RailwayNotAuthorized, RailwayProblem
from app.providers.railway.snapshots import ScheduleKind
from app.runtime import Runtime
from app.snapshots.errors import ScheduleNotKept
from app.snapshots.scheduling import put_schedule
from app.snapshots.steps.restore_memo import RestoreRun
from app.snapshots.volumes import Mounted

_KNOWN = frozenset(ScheduleKind)
SET_IT = "Set it by PUT …/snapshot-schedule; until then Railway takes no snapshots of the restored volume by itself."


async def remember_schedule(run: RestoreRun, at: Mounted) -> None:
    """``at`` still mounts the volume that is to be replaced."""
    try:
        kinds = {entry.kind for entry in await railway.schedules(at.client, at.volume.id)}
    except RailwayNotAuthorized as refusal:
        await run.warn(f"The schedule of the present volume could not be read ({refusal.code}). {SET_IT}")
        return
    run.memo.schedule_kinds = sorted(ScheduleKind(kind) for kind in kinds & _KNOWN)
    if kinds - _KNOWN:
        await run.warn(f"Nothing is known here of the schedules {', '.join(sorted(kinds - _KNOWN))}. {SET_IT}")


async def schedule_again(runtime: Runtime, run: RestoreRun, at: Mounted) -> None:
    """Twice is the same as once. Raises what may pass, such as a Railway that does not answer."""
    memo = run.memo
    if not memo.schedule_kinds:
        return
    try:
        await put_schedule(runtime, at, memo.schedule_kinds)
    except (RailwayProblem, ScheduleNotKept) as problem:
        if problem.retryable and isinstance(problem, RailwayProblem):
            raise
        await run.warn(f"{schedule_lost(memo.schedule_kinds)} ({_said(problem)}). {SET_IT}")
    else:
        memo.is_scheduled = True


def schedule_lost(kinds: list[ScheduleKind]) -> str:
    return f"The schedule ({', '.join(kinds).lower()}) was not set for the restored volume"


def _said(problem: Problem) -> str:
    return problem.said.rstrip(".") if isinstance(problem, RailwayProblem) else problem.detail.rstrip(".")
