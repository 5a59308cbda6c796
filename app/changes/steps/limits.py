"""How much memory and how many processors the server may use."""

from dataclasses import dataclass

from app.changes.schemas import LimitDatabase
from app.changes.steps.outage import redeploying
from app.databases.changing import ChangeMemo, ChangeSteps
from app.jobs.machine import Move, done, go, step
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.providers.railway.limits import Allowance, allow
from app.railway.capabilities import Capability


@dataclass(frozen=True, slots=True)
class LimitSteps(ChangeSteps[LimitDatabase, ChangeMemo]):
    args = LimitDatabase
    memo = ChangeMemo
    operation = "limit"

    @step
    async def begin(self, run: Run[LimitDatabase, ChangeMemo]) -> Move:
        site = await self.site(run)
        busy = await self.hold(run, site, memory_gb=run.args.memory_gb, vcpus=run.args.vcpus)
        return busy or go(self.limit)

    @step
    async def limit(self, run: Run[LimitDatabase, ChangeMemo]) -> Move:
        site = await self.site(run)
        wanted = Allowance(memory_gb=run.args.memory_gb, vcpus=run.args.vcpus)
        async with self.changing(site, Capability.SERVICES_WRITE):
            await allow(site.client, site.place, wanted)
        await self.tell(run, site, "database.limits_changed", memory_gb=wanted.memory_gb, vcpus=wanted.vcpus)
        await self.let_go(run)
        return go(self.redeploy)

    @step
    async def redeploy(self, run: Run[LimitDatabase, ChangeMemo]) -> Move:
        site = await self.site(run)
        if run.args.redeploy and (pending := await redeploying(run, site.database)):
            return pending
        return done(
            database_id=encode_id("db", site.database.id),
            memory_gb=run.args.memory_gb,
            vcpus=run.args.vcpus,
            redeployed=run.args.redeploy,
        )
