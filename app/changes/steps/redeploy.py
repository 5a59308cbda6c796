"""A new deployment of the server as it is configured now."""

from dataclasses import dataclass

from app.changes.schemas import RedeployDatabase
from app.changes.steps.outage import OutageMemo, OutageSteps
from app.databases.changing import asked_before
from app.jobs.machine import Move, done, go, step
from app.jobs.run import Run
from app.providers.railway.redeployment import redeploy
from app.railway.capabilities import Capability


@dataclass(frozen=True, slots=True)
class RedeploySteps(OutageSteps[RedeployDatabase, OutageMemo]):
    args = RedeployDatabase
    memo = OutageMemo
    operation = "redeploy"

    @step
    async def begin(self, run: Run[RedeployDatabase, OutageMemo]) -> Move:
        site = await self.site(run)
        if busy := await self.hold(run, site):
            return busy
        await self.enter(run, site)
        return go(self.redeploy)

    @step
    async def redeploy(self, run: Run[RedeployDatabase, OutageMemo]) -> Move:
        site = await self.site(run)
        was_asked = await asked_before(run)
        async with self.changing(site, Capability.DEPLOYMENTS_WRITE):
            await redeploy(site.client, site.place, after=run.memo.before, was_asked=was_asked)
        return go(self.settle)

    @step
    async def settle(self, run: Run[RedeployDatabase, OutageMemo]) -> Move:
        return await self.settling(run, await self.site(run), is_certain=True) or go(self.connect)

    @step
    async def connect(self, run: Run[RedeployDatabase, OutageMemo]) -> Move:
        site = await self.site(run)
        if pending := await self.answering(run, site):
            return pending
        result = await self.leave(run, site)
        await self.tell(run, site, "database.redeployed")
        return done(**result)
