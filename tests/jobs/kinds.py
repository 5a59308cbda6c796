"""Kinds of jobs that exist for tests only, and programmes for them made of plain functions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel, Field

from app.auth.scopes import Scope
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.machine import Move, Steps, done, step
from app.jobs.run import Run
from app.jobs.states import JobState

AnyRun = Run[Any, Any]
Do = Callable[[AnyRun], Awaitable[Move]]
Undo = Callable[[AnyRun, JobState], Awaitable[None]]


class Plain(JobArgs, kind="test.plain", conflict=None, scope=Scope.BACKUPS_WRITE, attempts=3):
    note: str = ""


class Other(JobArgs, kind="test.other", conflict=None, scope=Scope.JOBS_WRITE, attempts=3):
    note: str = ""


class Forced(JobArgs, kind="test.forced", conflict=None, scope=Scope.BACKUPS_WRITE):
    force: bool = False

    def scopes(self) -> tuple[str, ...]:
        return (self.scope, Scope.RAILWAY_FORCE) if self.force else (self.scope,)


class Urgent(JobArgs, kind="test.urgent", conflict=None, scope=Scope.JOBS_WRITE, priority=1):
    note: str = ""


class Sturdy(JobArgs, kind="test.sturdy", conflict=None, scope=Scope.JOBS_WRITE, cancellable=False):
    pass


class Brief(JobArgs, kind="test.brief", conflict=None, scope=Scope.JOBS_WRITE, deadline_seconds=4):
    pass


class Lifecycle(JobArgs, kind="test.lifecycle", conflict=ConflictClass.LIFECYCLE, scope=Scope.JOBS_WRITE):
    pass


class Restart(JobArgs, kind="test.restart", conflict=ConflictClass.RESTART, scope=Scope.JOBS_WRITE):
    pass


class Backup(JobArgs, kind="test.backup", conflict=ConflictClass.BACKUP, scope=Scope.JOBS_WRITE):
    pass


class Restore(JobArgs, kind="test.restore", conflict=ConflictClass.RESTORE, scope=Scope.JOBS_WRITE):
    pass


class Change(JobArgs, kind="test.change", conflict=ConflictClass.CHANGE, scope=Scope.JOBS_WRITE):
    pass


class Snapshot(JobArgs, kind="test.snapshot", conflict=ConflictClass.SNAPSHOT, scope=Scope.JOBS_WRITE):
    pass


class Logins(JobArgs, kind="test.logins", conflict=ConflictClass.LOGINS, scope=Scope.JOBS_WRITE):
    pass


class Pooler(JobArgs, kind="test.pooler", conflict=ConflictClass.POOLER, scope=Scope.JOBS_WRITE):
    pass


class Observe(JobArgs, kind="test.observe", conflict=ConflictClass.OBSERVE, scope=Scope.JOBS_WRITE):
    pass


OF_CLASS: dict[ConflictClass, type[JobArgs]] = {
    kind.conflict: kind
    for kind in (Lifecycle, Restart, Backup, Restore, Change, Snapshot, Logins, Pooler, Observe)
    if kind.conflict
}


class Notes(BaseModel):
    seen: list[str] = Field(default_factory=list)


def flow(kind: type[JobArgs], *steps: Do, compensate: Undo | None = None) -> Steps[Any, Any]:
    """The programme of ``kind`` whose steps are functions, the first of them first; ``go`` takes them as they are."""
    members: dict[str, Any] = {"args": kind, "memo": Notes}
    for do in steps or (succeed,):
        members[do.__name__] = _method(do)
    if compensate is not None:
        members["compensate"] = staticmethod(compensate)
    made: type[Steps[Any, Any]] = type("Flow", (Steps,), members)
    return made()


async def succeed(_run: AnyRun) -> Move:
    return done()


class Endless:
    """A programme whose step ends only by being stopped, and what it was seen to do."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def step(self, _run: AnyRun) -> Move:
        self.seen.append("began")
        try:
            await asyncio.sleep(60)
        finally:
            self.seen.append("stopped")
        return done()

    async def undo(self, _run: AnyRun, outcome: JobState) -> None:
        self.seen.append(f"undone {outcome}")


def _method(do: Do) -> Any:
    async def method(_self: Any, run: AnyRun) -> Move:
        return await do(run)

    method.__name__ = do.__name__
    return step(method)
