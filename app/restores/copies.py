"""The copies of a backup, tried one after the other until one is whole."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.errors import Problem
from app.jobs.run import Run
from app.locations.archives import Archives, CopyDamaged
from app.locations.corruption import note_corrupt
from app.locations.models import Location
from app.postgres.archive import ArchiveDamaged
from app.restores.planning import Plan
from app.restores.selecting import OF_ONE_COPY
from app.storage.errors import ObjectMissing

_CORRUPT: Final = (ArchiveDamaged, CopyDamaged, ObjectMissing)


async def from_any_copy(run: Run[Any, Any], plan: Plan, work: Callable[[Location], Awaitable[None]]) -> None:
    """``work`` begins anew with each. One that is not what was written is marked, and never read again.

    When none is good, raises what may be over in a while, if anything is, so that the job tries again.
    """
    failures: list[Problem] = []
    for location in plan.locations:
        try:
            await work(location)
        except OF_ONE_COPY as problem:
            failures.append(problem)
            if isinstance(problem, _CORRUPT):
                await _mark(run, plan, location, problem)
            if len(failures) == len(plan.locations):
                raise min(failures, key=lambda failure: not failure.retryable) from None
            await run.warn(f"The copy in the location {location.name} was passed over: {problem.detail}")
        else:
            return


async def _mark(run: Run[Any, Any], plan: Plan, location: Location, problem: Problem) -> None:
    async with run.writing() as session:
        backup = await Archives(session).get(plan.restore.backup_id, None)
        if backup is not None:
            await note_corrupt(session, backup, location, problem)
