"""What attaching and detaching at Railway have in common: it is asked to stage a change, once, and the change is committed."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel

from app.connections.models import Pooler
from app.connections.poolers import live_pooler
from app.databases.changing import ChangeSteps
from app.databases.places import Site
from app.databases.referrers import forget_seen
from app.jobs.machine import ArgsT, Move, stay, wait
from app.jobs.run import Run
from app.pooling.errors import OverlayNotCommitted, OverlayNotStaged
from app.pooling.repository import PoolerRepository
from app.providers.railway import patches
from app.providers.railway.errors import OutcomeUnknown, RailwayBusy, RailwayProblem
from app.providers.railway.models import RailwayIntent
from app.providers.railway.poolers import PoolerSight
from app.providers.railway.workflows import Outcome, WorkflowFailed, finished
from app.railway.capabilities import Capability
from app.storage.finishing import finished as carried_through

PAUSE_SECONDS = 1.0
# How long to look for the effect of a request whose answer never came, before it is sent again.
LOST_SECONDS = 30.0
# How long the effect of what Railway says it has done may stay unseen.
SEEN_SECONDS: Final = 120.0
_WORKFLOW_SECONDS: Final = 1800.0
_POLL_SECONDS: Final = 20.0
_ANSWER_SECONDS: Final = 3.0  # for a job that is cancelled meanwhile
_MOST_REQUESTS: Final = 2

Look = Callable[[], Awaitable[bool]]


class OverlayMemo(BaseModel):
    """``keys``: of the staged changes that are ours. ``before``: the pooler's deployment before we asked for another one."""

    pooler_id: str | None = None
    pooler_name: str | None = None
    was_there: bool = False
    keys: list[str] = []
    requests: int = 0
    asked_at: datetime | None = None
    is_answered: bool = False
    said: str = ""
    workflow_id: str | None = None
    ended_at: datetime | None = None
    committed_at: datetime | None = None
    is_noted: bool = False
    before: str | None = None
    was_asked: bool = False
    up_at: datetime | None = None


OverlayRun = Run[Any, OverlayMemo]


@dataclass(frozen=True, slots=True)
class OverlaySteps(ChangeSteps[ArgsT, OverlayMemo]):
    """``waits`` tells whether what was asked for is staged; whoever looks keeps what it has seen."""

    async def claim(self, run: OverlayRun, site: Site, sight: PoolerSight) -> None:
        """Before the first request: nothing of anybody may wait, since it would be deployed with ours.

        Raises StagedChangesForeign.
        """
        patches.require_own(await patches.staged(site.client, site.place.environment_id), (), force=False)
        await self.keep(run, sight.keys)

    async def keep(self, run: OverlayRun, keys: list[str]) -> None:
        """In the intent as well, so that what is left behind is known as ours."""
        run.memo.keys = sorted({*run.memo.keys, *keys})
        intent = await self.intent(run)
        assert intent is not None, "the first step holds the environment"
        await self._intents.made(intent, **{patches.PATCH_KEYS: run.memo.keys})
        await run.remember()

    async def intent(self, run: OverlayRun) -> RailwayIntent | None:
        return await self._intents.of_owner(run.id, self.operation)

    async def asking(
        self, run: OverlayRun, site: Site, request: Callable[[], Awaitable[str | None]], waits: Look
    ) -> Move | None:
        """None once Railway has taken it, which the answer says, or what is staged. Raises OverlayNotStaged."""
        memo = run.memo
        if memo.is_answered:
            return None
        if memo.asked_at is not None:
            if await waits():
                return None
            if not self.passed(memo.asked_at, LOST_SECONDS):
                run.report(detail="looking for what Railway has made of the request")
                return stay(PAUSE_SECONDS)
            if memo.requests >= _MOST_REQUESTS:
                raise OverlayNotStaged(memo.said or "no answer, and nothing staged", operation=self.operation)
        memo.requests, memo.asked_at = memo.requests + 1, self.runtime.clock()
        await run.remember()

        async def asked() -> None:
            async with self.changing(site, Capability.TEMPLATES_DEPLOY):
                memo.workflow_id = await request()

        try:
            await carried_through(asked(), grace_seconds=_ANSWER_SECONDS)
        except OutcomeUnknown as unknown:
            memo.said = unknown.said
            return stay(PAUSE_SECONDS)
        except RailwayProblem:
            memo.requests, memo.asked_at = memo.requests - 1, None  # nothing was made
            raise
        memo.is_answered = True
        return None

    async def following(self, run: OverlayRun, site: Site, waits: Look) -> Move | None:
        """None once it waits to be committed. Raises WorkflowFailed, OverlayNotStaged."""
        memo = run.memo
        try:
            outcome = await finished(
                site.client,
                memo.workflow_id,
                note=lambda detail: run.report(detail=detail),
                seconds=_POLL_SECONDS,
            )
        except WorkflowFailed:
            await waits()  # half of it may be there, which the compensation takes back
            raise
        if outcome is Outcome.RUNNING and not self.passed(memo.asked_at, _WORKFLOW_SECONDS):
            return wait("Railway, which is preparing the change", seconds=PAUSE_SECONDS)
        if await waits():
            return None
        memo.ended_at = memo.ended_at or self.runtime.clock()
        if outcome is Outcome.RUNNING or self.passed(memo.ended_at, SEEN_SECONDS):
            raise OverlayNotStaged(f"its workflow is {outcome}", operation=self.operation)
        return stay(PAUSE_SECONDS)

    async def wait_for_late(self, run: OverlayRun, site: Site) -> None:
        """Before what is staged is taken back: what Railway is at now would be staged after that. It may take a while."""
        if run.memo.asked_at is not None and run.memo.committed_at is None:
            with suppress(RailwayProblem):
                await finished(
                    site.client,
                    run.memo.workflow_id,
                    note=lambda detail: run.report(detail=detail),
                    seconds=_POLL_SECONDS,
                )

    async def committing(self, run: OverlayRun, site: Site, message: str, is_made: Look) -> Move | None:
        """None once it is made. What is staged is read once more right before. Raises StagedChangesForeign."""
        memo = run.memo
        if await is_made():
            return None
        if self.passed(memo.committed_at, SEEN_SECONDS):
            raise OverlayNotCommitted("it was looked for in vain", operation=self.operation)
        try:
            async with self.changing(site, Capability.CHANGES_WRITE):
                await patches.commit_staged(site.client, site.place.environment_id, message, own_keys=memo.keys)
        except RailwayBusy:
            return wait("another operation at Railway", seconds=PAUSE_SECONDS)
        except OutcomeUnknown as unknown:
            run.report(detail=f"the commit is uncertain: {unknown.said}")
        memo.committed_at = memo.committed_at or self.runtime.clock()
        return stay(PAUSE_SECONDS)

    async def pooler(self, run: OverlayRun) -> Pooler:
        async with run.reading() as session:
            found = await live_pooler(session, run.args.database_id)
        assert found is not None, "its row stays until a job has deleted it"
        return found

    async def move(self, run: OverlayRun, site: Site, pooler: Pooler, **values: Any) -> None:
        """What was seen of the environment's variables may no longer be so."""
        async with run.writing() as session:
            await PoolerRepository(session).move(pooler.id, job_id=run.id, **values)
            await forget_seen(session, site, self.runtime.clock())

    def passed(self, since: datetime | None, seconds: float) -> bool:
        return since is not None and self.runtime.clock() - since > timedelta(seconds=seconds)
