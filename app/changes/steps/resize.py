"""A larger volume."""

from dataclasses import dataclass

from app.changes.schemas import ResizeDatabase
from app.changes.steps.outage import OutageMemo, OutageSteps
from app.jobs.machine import Move, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.providers.railway.models import IntentOutcome
from app.providers.railway.volumes import resize, volume
from app.railway.capabilities import Capability


class ResizeMemo(OutageMemo):
    size_before_mb: int | None = None


@dataclass(frozen=True, slots=True)
class ResizeSteps(OutageSteps[ResizeDatabase, ResizeMemo]):
    args = ResizeDatabase
    memo = ResizeMemo
    operation = "resize"

    @step
    async def begin(self, run: Run[ResizeDatabase, ResizeMemo]) -> Move:
        site = await self.site(run)
        if busy := await self.hold(run, site, volume_id=site.place.volume_id, size_mb=run.args.volume_size_mb):
            return busy
        await self.look_for_others(run, site)
        if run.memo.size_before_mb is None:
            run.memo.size_before_mb = (await volume(site.client, site.place)).size_mb
        await self.note(run, site)
        return go(self.enlarge)

    @step
    async def enlarge(self, run: Run[ResizeDatabase, ResizeMemo]) -> Move:
        site = await self.site(run)
        async with self.changing(site, Capability.VOLUMES_WRITE):
            await resize(
                site.client, site.place, run.args.volume_size_mb, note=lambda detail: run.report(detail=detail)
            )
        return go(self.settle)

    @step
    async def settle(self, run: Run[ResizeDatabase, ResizeMemo]) -> Move:
        """A full volume is enlarged with a restart, others while the server runs."""
        site = await self.site(run)
        if pending := await self.settling(run, site, is_certain=False):
            return pending
        now = await volume(site.client, site.place)
        await self.tell(run, site, "database.resized", before_mb=run.memo.size_before_mb, now_mb=now.size_mb)
        await self.let_go(run)
        return done(
            database_id=encode_id("db", site.database.id),
            volume_size_mb=now.size_mb,
            volume_size_before_mb=run.memo.size_before_mb,
            volume_used_mb=now.used_mb,
        )

    async def compensate(self, run: Run[ResizeDatabase, ResizeMemo], _outcome: JobState) -> None:
        """What was enlarged stays so: a volume never shrinks."""
        await self.let_go(run, IntentOutcome.GIVEN_UP)
