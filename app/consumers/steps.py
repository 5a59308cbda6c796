"""Writing a reference into a service's variable, or removing it, and deploying the service where that is wished."""

from dataclasses import dataclass
from typing import Any

from app.consumers.schemas import RemoveConsumer, WriteConsumer
from app.databases.changing import ChangeSteps, DeploymentMemo, asked_before
from app.databases.places import Site
from app.jobs.machine import ArgsT, Done, Move, done, go, stay, step
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.providers.railway import variables
from app.providers.railway.deployments import DeploymentPending, newest, settled
from app.providers.railway.place import Place
from app.providers.railway.redeployment import redeploy
from app.railway.capabilities import Capability

SETTLE_SECONDS = 60.0


class ConsumerMemo(DeploymentMemo):
    """``before``: the consumer's newest deployment before it is redeployed."""

    is_noted: bool = False
    before: str | None = None


@dataclass(frozen=True, slots=True)
class _ConsumerSteps(ChangeSteps[ArgsT, ConsumerMemo]):
    @step
    async def redeploy(self, run: Run[Any, ConsumerMemo]) -> Move:
        site = await self.site(run)
        if not run.args.redeploy:
            return await self._end(run, site)
        place = _consumer(run, site)
        if not run.memo.is_noted:
            latest = await newest(site.client, place)
            run.memo.before, run.memo.is_noted = latest.id if latest else None, True
            await run.remember()
        was_asked = await asked_before(run)
        async with self.changing(site, Capability.DEPLOYMENTS_WRITE):
            await redeploy(site.client, place, after=run.memo.before, was_asked=was_asked)
        return go(self.settle)

    @step
    async def settle(self, run: Run[Any, ConsumerMemo]) -> Move:
        site = await self.site(run)
        try:
            await settled(
                site.client,
                _consumer(run, site),
                after=run.memo.before,
                seconds=SETTLE_SECONDS,
                note=lambda detail: run.report(detail=detail),
            )
        except DeploymentPending:
            return stay(1.0)
        return await self._end(run, site)

    async def _end(self, run: Run[Any, ConsumerMemo], site: Site) -> Done:
        await self.let_go(run)
        return done(
            database_id=encode_id("db", site.database.id),
            service=run.args.service_name,
            variable=run.args.variable,
            value=getattr(run.args, "value", None),
            redeployed=run.args.redeploy,
        )


@dataclass(frozen=True, slots=True)
class WriteConsumerSteps(_ConsumerSteps[WriteConsumer]):
    args = WriteConsumer
    memo = ConsumerMemo
    operation = "consumer.write"

    @step
    async def begin(self, run: Run[WriteConsumer, ConsumerMemo]) -> Move:
        site = await self.site(run)
        busy = await self.hold(run, site, consumer=run.args.service_id, variable=run.args.variable)
        return busy or go(self.write)

    @step
    async def write(self, run: Run[WriteConsumer, ConsumerMemo]) -> Move:
        site = await self.site(run)
        async with self.changing(site, Capability.VARIABLES_WRITE):
            await variables.upsert(site.client, _consumer(run, site), {run.args.variable: run.args.value})
        await self.tell(run, site, "consumer.written", service=run.args.service_name, variable=run.args.variable)
        return go(self.redeploy)


@dataclass(frozen=True, slots=True)
class RemoveConsumerSteps(_ConsumerSteps[RemoveConsumer]):
    args = RemoveConsumer
    memo = ConsumerMemo
    operation = "consumer.remove"

    @step
    async def begin(self, run: Run[RemoveConsumer, ConsumerMemo]) -> Move:
        site = await self.site(run)
        own = [f"services.{run.args.service_id}.variables.{run.args.variable}"]
        return await self.hold(run, site, keys=own) or go(self.remove)

    @step
    async def remove(self, run: Run[RemoveConsumer, ConsumerMemo]) -> Move:
        site = await self.site(run)
        message = f"Lead {run.args.service_name} away from the database"
        async with self.changing(site, Capability.CHANGES_WRITE):
            await variables.delete(site.client, _consumer(run, site), [run.args.variable], message)
        await self.tell(run, site, "consumer.removed", service=run.args.service_name, variable=run.args.variable)
        return go(self.redeploy)


def _consumer(run: Run[Any, Any], site: Site) -> Place:
    return site.place.model_copy(update={"service_id": run.args.service_id})
