"""The public address of a server, switched on and off."""

from dataclasses import dataclass

from app.changes.schemas import ChangePublicAccess
from app.changes.steps.outage import OutageMemo, OutageSteps
from app.databases.places import Site, keep_place
from app.databases.referrers import last_seen
from app.events.emit import emit
from app.jobs.machine import Move, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.providers.railway.proxies import close_public, open_public, public_address
from app.railway.capabilities import Capability


@dataclass(frozen=True, slots=True)
class PublicAccessSteps(OutageSteps[ChangePublicAccess, OutageMemo]):
    args = ChangePublicAccess
    memo = OutageMemo
    operation = "public-access"

    @step
    async def begin(self, run: Run[ChangePublicAccess, OutageMemo]) -> Move:
        site = await self.site(run)
        if busy := await self.hold(run, site, enabled=run.args.enabled):
            return busy
        if run.args.enabled:
            await self.look_for_others(run, site)
        else:
            await self._tell_of_copies(run, site)
        await self.enter(run, site)
        return go(self.switch)

    @step
    async def switch(self, run: Run[ChangePublicAccess, OutageMemo]) -> Move:
        """The port is read each time: Railway gives another one to each proxy that it makes."""
        site = await self.site(run)

        def note(detail: str) -> None:
            run.report(detail=detail)

        address = None
        async with self.changing(site, Capability.PUBLIC_ACCESS_WRITE):
            if run.args.enabled:
                address = await open_public(site.client, site.place, note=note)
            else:
                await close_public(site.client, site.place, note=note)
        await self._keep(run, site, address)
        return go(self.settle)

    @step
    async def settle(self, run: Run[ChangePublicAccess, OutageMemo]) -> Move:
        """Railway may deploy the service for it, or not."""
        return await self.settling(run, await self.site(run), is_certain=False) or go(self.connect)

    @step
    async def connect(self, run: Run[ChangePublicAccess, OutageMemo]) -> Move:
        site = await self.site(run)
        if pending := await self.answering(run, site):
            return pending
        result = await self.leave(run, site)
        return done(**result, public_host=site.place.public_host, public_port=site.place.public_port)

    async def compensate(self, run: Run[ChangePublicAccess, OutageMemo], outcome: JobState) -> None:
        """The row tells what is there, however far the job came."""
        site = await self.site(run)
        await self._keep(run, site, await public_address(site.client, site.place))
        await self.give_up(run, outcome)

    async def _tell_of_copies(self, run: Run[ChangePublicAccess, OutageMemo], site: Site) -> None:
        """No reference leads those who have the address written out to the next one."""
        around = await last_seen(self.runtime, site)
        copies = around.copies_of(site.place.public_host, site.place.public_port)
        if copies:
            names = ", ".join(sorted(f"{around.name_of(one.service_id) or 'shared'}.{one.variable}" for one in copies))
            await run.warn(
                f"{site.place.public_host}:{site.place.public_port} is written out in {names}, and leads nowhere from now on: "
                "lead them to the database by a reference (PUT /v1/databases/{id}/consumers/{service})."
            )

    async def _keep(
        self, run: Run[ChangePublicAccess, OutageMemo], site: Site, address: tuple[str, int] | None
    ) -> None:
        host, port = address or (None, None)
        async with run.writing() as session:
            await keep_place(session, site.database.id, self.runtime, public_host=host, public_port=port)
            if (host, port) != (site.place.public_host, site.place.public_port):
                emit(
                    session,
                    "database.public_access_enabled" if host else "database.public_access_disabled",
                    project_id=site.database.project_id,
                    database_id=site.database.id,
                    job_id=run.id,
                    host=host,
                    port=port,
                )
