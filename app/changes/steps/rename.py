"""Another name for the service at Railway, and in the variables of its environment that refer to it by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from app.changes.schemas import RenameService
from app.databases.changing import ChangeMemo, ChangeSteps
from app.databases.places import Site, keep_place
from app.jobs.machine import Move, done, go, step
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.providers.railway import variables
from app.providers.railway.certainty import certainly
from app.providers.railway.client import Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.inventory import read_environment
from app.providers.railway.rewriting import renamed
from app.railway.capabilities import Capability

SHARED = "shared"


class RenameMemo(ChangeMemo):
    rewritten: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RenameSteps(ChangeSteps[RenameService, RenameMemo]):
    args = RenameService
    memo = RenameMemo
    operation = "rename"

    @step
    async def begin(self, run: Run[RenameService, RenameMemo]) -> Move:
        site = await self.site(run)
        return await self.hold(run, site, old_name=run.args.old_name, name=run.args.name) or go(self.rename)

    @step
    async def rename(self, run: Run[RenameService, RenameMemo]) -> Move:
        site = await self.site(run)
        request = {"id": site.place.service(), "input": {"name": run.args.name}}

        async def is_made() -> bool:
            return await _name_of(site) == run.args.name

        async with self.changing(site, Capability.SERVICES_WRITE):
            await certainly(lambda: site.client.change(document("serviceUpdate"), request, Result), is_made)
        return go(self.rewrite)

    @step
    async def rewrite(self, run: Run[RenameService, RenameMemo]) -> Move:
        """What still names the old one, read after the renaming: Railway may have rewritten some of it itself."""
        site = await self.site(run)
        state = await read_environment(site.client, site.place.environment_id, config=True)
        config = state.config or {}
        names = {found.service_id: found.service_name for found in state.services}
        for service_id, service in {SHARED: _shared(config), **_mapping(config.get("services"))}.items():
            written = _written(service)
            new = {key: renamed(value, run.args.old_name, run.args.name) for key, value in written.items()}
            changed = {key: value for key, value in new.items() if value != written[key]}
            if not changed or service_id not in (SHARED, *names):
                continue
            place = site.place.model_copy(update={"service_id": service_id})
            async with self.changing(site, Capability.VARIABLES_WRITE):
                await variables.upsert(site.client, place, changed, shared=service_id == SHARED)
            run.memo.rewritten += [f"{names.get(service_id, service_id)}: {name}" for name in sorted(changed)]
            await run.remember()
        return go(self.keep)

    @step
    async def keep(self, run: Run[RenameService, RenameMemo]) -> Move:
        """The private name may follow the service's."""
        site = await self.site(run)
        seen = await variables.rendered(site.client, site.place)
        private_host = seen.get("RAILWAY_PRIVATE_DOMAIN") or site.place.private_host
        async with run.writing() as session:
            await keep_place(
                session, site.database.id, self.runtime, service_name=run.args.name, private_host=private_host
            )
        rewritten = sorted(set(run.memo.rewritten))
        told = {"before": run.args.old_name, "now": run.args.name, "rewritten": rewritten}
        await self.tell(run, site, "database.service_renamed", **told)
        await self.let_go(run)
        return done(database_id=encode_id("db", site.database.id), name=run.args.name, rewritten=rewritten)


async def _name_of(site: Site) -> str:
    state = await read_environment(site.client, site.place.environment_id)
    service = state.service(site.place.service())
    if service is None:
        raise RailwayNotFound("the service is no longer in the environment", operation="environment")
    return service.service_name


def _shared(config: Mapping[str, Any]) -> dict[str, Any]:
    return {"variables": config.get("sharedVariables")}


def _written(service: Any) -> dict[str, str]:
    """Unrendered values by name; sealed ones are not told."""
    entries = _mapping(_mapping(service).get("variables"))
    values = {name: _mapping(entry).get("value") for name, entry in entries.items()}
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
