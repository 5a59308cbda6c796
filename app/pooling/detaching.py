"""Taking a pooler away again at Railway."""

from dataclasses import dataclass
from functools import partial

from app.connections.models import PoolerState
from app.databases.places import Site
from app.jobs.machine import Move, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.pooling.overlaying import OverlayMemo, OverlaySteps
from app.pooling.schemas import DetachPooler
from app.providers.railway import patches, poolers
from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.inventory import read_environment
from app.providers.railway.models import IntentOutcome
from app.providers.railway.references import references
from app.providers.railway.removing import remove
from app.railway.capabilities import Capability

DetachRun = Run[DetachPooler, OverlayMemo]


@dataclass(frozen=True, slots=True)
class DetachPoolerSteps(OverlaySteps[DetachPooler]):
    """Fine when it is gone already."""

    args = DetachPooler
    memo = OverlayMemo
    operation = DetachPooler.kind

    @step
    async def begin(self, run: DetachRun) -> Move:
        site = await self.site(run)
        if busy := await self.hold(run, site):
            return busy
        try:
            sight = await poolers.look(site.client, site.place)
        except RailwayNotFound:
            await self._remove_orphan(run, site)
            return go(self.forget)
        if sight.pooler is None:
            return go(self.forget)
        run.memo.pooler_id = sight.pooler.service_id
        run.memo.pooler_name = sight.pooler.service_name
        await self.claim(run, site, sight)
        return go(self.ask)

    @step
    async def ask(self, run: DetachRun) -> Move:
        site = await self.site(run)
        request = partial(poolers.take_off, site.client, site.place)
        return await self.asking(run, site, request, partial(self._waits, run, site)) or go(self.follow)

    @step
    async def follow(self, run: DetachRun) -> Move:
        site = await self.site(run)
        return await self.following(run, site, partial(self._waits, run, site)) or go(self.commit)

    @step
    async def commit(self, run: DetachRun) -> Move:
        site = await self.site(run)

        async def is_made() -> bool:
            state = await read_environment(site.client, site.place.environment_id)
            return state.service(run.memo.pooler_id or "") is None

        return await self.committing(run, site, "Take PgBouncer away", is_made) or go(self.forget)

    @step
    async def forget(self, run: DetachRun) -> Move:
        """Variables that still lead to it are told: only people know what they are to be instead."""
        site, pooler = await self.site(run), await self.pooler(run)
        if run.memo.pooler_name is not None:
            await self._warn_of_readers(run, site, run.memo.pooler_name)
        await self.move(run, site, pooler, frm=[PoolerState.DELETING], to=PoolerState.DELETED)
        await self.let_go(run)
        return done(service_id=run.memo.pooler_id, service_name=run.memo.pooler_name)

    async def compensate(self, run: DetachRun, outcome: JobState) -> None:
        """It runs on as before, unless it was gone already; deleting it again finds out."""
        intent, pooler = await self.intent(run), await self.pooler(run)
        site = await self.site(run)
        if intent is not None and intent.closed_at is None:
            await self.wait_for_late(run, site)
            if run.memo.keys and not await self._is_foreign(run, site):
                await patches.discard_own(site.client, site.place.environment_id, run.memo.keys)
            await self._intents.close(intent, IntentOutcome.GIVEN_UP)
        reason = f"deleting it {outcome}; see {encode_id('job', run.id)}"
        await self.move(run, site, pooler, frm=[PoolerState.DELETING], to=PoolerState.FAILED, state_reason=reason)

    async def _remove_orphan(self, run: DetachRun, site: Site) -> None:
        """The database's service is gone, and nothing can be taken off it any more."""
        service_id = (await self.pooler(run)).provider_data.get("service_id")
        if service_id is not None:
            place = site.place.model_copy(update={"service_id": service_id})
            async with self.changing(site, Capability.SERVICES_WRITE):
                await remove(site.client, place, None, clock=self.runtime.clock)

    async def _waits(self, run: DetachRun, site: Site) -> bool:
        return await poolers.waits_to_go(site.client, site.place, run.memo.pooler_id or "")

    async def _is_foreign(self, run: DetachRun, site: Site) -> bool:
        waiting = await patches.staged(site.client, site.place.environment_id)
        return bool(waiting.foreign(run.memo.keys))

    async def _warn_of_readers(self, run: DetachRun, site: Site, name: str) -> None:
        state = await read_environment(site.client, site.place.environment_id, config=True)
        names = {service.service_id: service.service_name for service in state.services}
        left = [
            f"{names.get(one.service_id or '', 'shared')}.{one.variable}"
            for one in references(state.config or {})
            if one.target_service_name == name
        ]
        if left:
            await run.warn(
                f"Variables still refer to {name}, which is gone, and are empty where they do: {', '.join(sorted(left))}."
            )
