"""Attaching a pooler at Railway, and telling one that is there of other options."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from app.connections.models import PoolerState
from app.connections.poolers import pools_of, version_of
from app.databases.changing import asked_before
from app.databases.places import Site
from app.errors import Problem
from app.jobs.machine import Move, done, go, stay, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.pooling.consoles import at_railway, door_of, variables_for
from app.pooling.errors import ClusterNotPoolable
from app.pooling.overlaying import PAUSE_SECONDS, OverlayMemo, OverlaySteps
from app.pooling.schemas import AttachPooler
from app.providers.railway import patches, poolers, variables
from app.providers.railway.deployments import DeploymentPending, newest, settled
from app.providers.railway.models import IntentOutcome
from app.providers.railway.place import Place
from app.providers.railway.redeployment import redeploy
from app.providers.railway.templates import official_template
from app.railway.capabilities import Capability

AttachRun = Run[AttachPooler, OverlayMemo]

_SETTLE_SECONDS: Final = 60.0
# The template may have the database's own service deployed anew, which has to recover first.
_ANSWERS_WITHIN: Final = timedelta(minutes=15)
_ANY: Final = (PoolerState.CREATING, PoolerState.RUNNING, PoolerState.STOPPED, PoolerState.FAILED)


@dataclass(frozen=True, slots=True)
class AttachPoolerSteps(OverlaySteps[AttachPooler]):
    """A pooler that is there already, whoever added it, is taken over."""

    args = AttachPooler
    memo = OverlayMemo
    operation = AttachPooler.kind

    @step
    async def begin(self, run: AttachRun) -> Move:
        site = await self.site(run)
        if busy := await self.hold(run, site):
            return busy
        sight = await poolers.look(site.client, site.place)
        if sight.root.cluster is not None:
            raise ClusterNotPoolable
        if sight.pooler is not None:
            run.memo.pooler_id, run.memo.was_there = sight.pooler.service_id, True
            return go(self.configure)
        await self.claim(run, site, sight)
        return go(self.ask)

    @step
    async def ask(self, run: AttachRun) -> Move:
        site = await self.site(run)
        template = await official_template(site.client, poolers.CODE)
        wanted = variables_for(site.database, await self.pooler(run))
        request = partial(poolers.lay_over, site.client, site.place, template, poolers.overlay(template, wanted))
        return await self.asking(run, site, request, partial(self._waits, run, site)) or go(self.follow)

    @step
    async def follow(self, run: AttachRun) -> Move:
        site = await self.site(run)
        if pending := await self.following(run, site, partial(self._waits, run, site)):
            return pending
        if len(await poolers.waiting_to_come(site.client, site.place)) > 1:
            # A request that was repeated, since its answer was lost, came after all. Nothing of either is deployed.
            await patches.discard_own(site.client, site.place.environment_id, run.memo.keys)
            run.memo.asked_at, run.memo.is_answered, run.memo.workflow_id, run.memo.requests = None, False, None, 0
            return go(self.ask)
        return go(self.commit)

    @step
    async def commit(self, run: AttachRun) -> Move:
        site = await self.site(run)

        async def is_made() -> bool:
            pooler = (await poolers.look(site.client, site.place)).pooler
            if pooler is not None:
                run.memo.pooler_id = pooler.service_id
            return pooler is not None

        message = "Put PgBouncer before the database"
        return await self.committing(run, site, message, is_made) or go(self.configure)

    @step
    async def configure(self, run: AttachRun) -> Move:
        """A new one has been told by the template, unless that has changed. One that was there may not run what it was told."""
        site, memo = await self.site(run), run.memo
        sight, place = await poolers.look(site.client, site.place), _place(site, memo)
        wanted = variables_for(site.database, await self.pooler(run))
        if not memo.was_there and wanted.items() <= sight.variables.items():
            return go(self.settle)
        if not memo.is_noted:
            latest = await newest(site.client, place)
            memo.before, memo.is_noted = latest.id if latest else None, True
            await run.remember()
        async with self.changing(site, Capability.VARIABLES_WRITE):
            # One that was never deployed cannot be redeployed: there the change itself deploys it.
            await variables.upsert(site.client, place, wanted, skip_deploys=memo.before is not None)
        return go(self.redeploy if memo.before is not None else self.settle)

    @step
    async def redeploy(self, run: AttachRun) -> Move:
        site, memo = await self.site(run), run.memo
        was_asked = await asked_before(run)
        async with self.changing(site, Capability.DEPLOYMENTS_WRITE):
            await redeploy(site.client, _place(site, memo), after=memo.before, was_asked=was_asked)
        return go(self.settle)

    @step
    async def settle(self, run: AttachRun) -> Move:
        site = await self.site(run)
        try:
            await settled(
                site.client,
                _place(site, run.memo),
                after=run.memo.before,
                seconds=_SETTLE_SECONDS,
                note=lambda detail: run.report(detail=detail),
            )
        except DeploymentPending:
            return stay(PAUSE_SECONDS)
        return go(self.check)

    @step
    async def check(self, run: AttachRun) -> Move:
        """By a login through it, where anything leads to it from here."""
        site, memo = await self.site(run), run.memo
        place = _place(site, memo)
        private = (await variables.rendered(site.client, place)).get("RAILWAY_PRIVATE_DOMAIN")
        sight = await poolers.look(site.client, site.place)
        if not private or sight.pooler is None:
            return wait("Railway to give the pooler its private name", seconds=PAUSE_SECONDS)
        version = _version_in(sight.pooler.image)
        memo.up_at = memo.up_at or self.runtime.clock()
        door = await door_of(self.runtime, site, place.model_copy(update={"private_host": private}))
        if door is None:
            await run.warn(
                "Nothing here reaches the pooler, so no login was tried through it: Railway says that its container runs."
            )
        else:
            console = at_railway(site.database, door, self.runtime)
            try:
                await console.log_in(console.target.with_database(site.database.default_database or "postgres"))
            except Problem as problem:
                if not problem.retryable or self.runtime.clock() - memo.up_at > _ANSWERS_WITHIN:
                    raise
                run.report(detail="the pooler lets nobody in yet")
                return stay(PAUSE_SECONDS)
            with suppress(Problem):  # of a console that has other administrators
                version = await console.version()
        await self._discard_late(run, site)
        known = {"service_id": sight.pooler.service_id, "service_name": sight.pooler.service_name}
        await self.move(
            run,
            site,
            await self.pooler(run),
            frm=_ANY,
            to=PoolerState.RUNNING,
            host=private,
            port=poolers.PORT,
            version=version,
            provider_data=known,
        )
        await self.let_go(run)
        async with run.reading() as session:
            names = [pool.name for pool in await pools_of(session, (await self.pooler(run)).id)]
        return done(**known, host=private, port=poolers.PORT, version=version, pools=names, was_there=memo.was_there)

    async def compensate(self, run: AttachRun, outcome: JobState) -> None:
        """What is only staged is taken back. What is deployed stays, since others may be led to it by now."""
        intent = await self.intent(run)
        pooler = await self.pooler(run)
        if intent is not None and intent.closed_at is None:
            site = await self.site(run)
            await self.wait_for_late(run, site)
            await self._discard_late(run, site)
            await self._intents.close(intent, IntentOutcome.GIVEN_UP)
        was = PoolerState(pooler.state)
        reason = f"the last change of it {outcome}; see {encode_id('job', run.id)}"
        to = PoolerState.FAILED if was is PoolerState.CREATING else was
        await self.move(run, await self.site(run), pooler, frm=[was], to=to, state_reason=reason)

    async def _waits(self, run: AttachRun, site: Site) -> bool:
        found = await poolers.waiting_to_come(site.client, site.place)
        if found:
            await self.keep(run, [f"services.{service_id}" for service_id in found])
        return bool(found)

    async def _discard_late(self, run: AttachRun, site: Site) -> None:
        """What a repeated request has staged in the end. What others have added meanwhile is theirs to discard, with it."""
        if run.memo.requests and await self._waits(run, site):
            with suppress(patches.StagedChangesForeign):
                await patches.discard_own(site.client, site.place.environment_id, run.memo.keys)


def _place(site: Site, memo: OverlayMemo) -> Place:
    """Of the pooler."""
    return site.place.model_copy(update={"service_id": memo.pooler_id})


def _version_in(image: str | None) -> str | None:
    """A tag that names it."""
    tag = (image or "").rpartition(":")[2]
    return tag if version_of(tag) else None
