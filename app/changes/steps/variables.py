"""The variables of the server's service: set without a deployment, removed without one, then deployed if that is wished."""

from dataclasses import dataclass

from app.changes.schemas import ChangeVariables
from app.changes.steps.outage import redeploying
from app.changes.values import open_values
from app.databases.changing import ChangeMemo, ChangeSteps
from app.jobs.machine import Move, done, go, step
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.providers.railway import variables
from app.railway.capabilities import Capability


@dataclass(frozen=True, slots=True)
class VariablesSteps(ChangeSteps[ChangeVariables, ChangeMemo]):
    args = ChangeVariables
    memo = ChangeMemo
    operation = "variables"

    @step
    async def begin(self, run: Run[ChangeVariables, ChangeMemo]) -> Move:
        site = await self.site(run)
        own = [f"services.{site.place.service()}.variables.{name}" for name in run.args.unset]
        return await self.hold(run, site, keys=own) or go(self.upsert)

    @step
    async def upsert(self, run: Run[ChangeVariables, ChangeMemo]) -> Move:
        site = await self.site(run)
        if values := self._values(run):
            async with self.changing(site, Capability.VARIABLES_WRITE):
                await variables.upsert(site.client, site.place, values)
        return go(self.remove)

    @step
    async def remove(self, run: Run[ChangeVariables, ChangeMemo]) -> Move:
        site = await self.site(run)
        if run.args.unset:
            async with self.changing(site, Capability.CHANGES_WRITE):
                await variables.delete(site.client, site.place, run.args.unset, "Remove variables")
        await self.tell(run, site, "database.variables_changed", set=sorted(self._values(run)), unset=run.args.unset)
        await self.let_go(run)
        return go(self.redeploy)

    @step
    async def redeploy(self, run: Run[ChangeVariables, ChangeMemo]) -> Move:
        site = await self.site(run)
        if run.args.redeploy and (pending := await redeploying(run, site.database)):
            return pending
        return done(
            database_id=encode_id("db", site.database.id),
            set=sorted(self._values(run)),
            unset=run.args.unset,
            redeployed=run.args.redeploy,
        )

    def _values(self, run: Run[ChangeVariables, ChangeMemo]) -> dict[str, str]:
        return open_values(run.args.database_id, run.args.sealed, self.runtime.key_ring)
