"""Making a database: the provider's phases one after another, then a login."""

from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import Database, DatabaseState, ProviderName
from app.databases.reach import way_to
from app.databases.repository import DatabaseRepository
from app.databases.spec import spec_of
from app.jobs.machine import Move, NoMemo, Steps, go, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.postgres.errors import PortTaken
from app.providers.protocol import Made, NotYet, Phase, ServerSpec
from app.providers.railway.options import RailwayOptions
from app.providers.railway.place import Place
from app.provisioning.errors import ServerFailed
from app.provisioning.schemas import CreateDatabase
from app.provisioning.steps.arrival import arrive, database_of, rights
from app.provisioning.steps.removal import remove_server
from app.railway.capabilities import Capability
from app.runtime import Runtime

CreationRun = Run[CreateDatabase, NoMemo]


@dataclass(frozen=True, slots=True)
class CreateDatabaseSteps(Steps[CreateDatabase, NoMemo]):
    """The row stands there in `creating` before the provider is called, so nothing that it makes is ever unknown.

    Which of the middle steps there are depends on the provider.
    """

    runtime: Runtime

    args = CreateDatabase
    memo = NoMemo

    @step
    async def prepare(self, run: CreationRun) -> Move:
        database = await database_of(run)
        await self._prepare(run, database)
        return go(getattr(self, self.runtime.providers[database.provider].phases[0]))

    @step
    async def create(self, run: CreationRun) -> Move:
        return await self._through(run, Phase.CREATE)

    @step
    async def deploy(self, run: CreationRun) -> Move:
        options = run.args.railway or RailwayOptions()
        by_template = options.takes_template((await database_of(run)).wanted_major)
        right = Capability.TEMPLATES_DEPLOY if by_template else Capability.CHANGES_WRITE
        return await self._through(run, Phase.DEPLOY, right)

    @step
    async def settle(self, run: CreationRun) -> Move:
        return await self._through(run, Phase.SETTLE)

    @step
    async def publish(self, run: CreationRun) -> Move:
        return await self._through(run, Phase.PUBLISH)

    @step
    async def connect(self, run: CreationRun) -> Move:
        """A server counts once a login over its own address works."""
        return await arrive(self.runtime, run, DatabaseState.CREATING, "database.created")

    async def compensate(self, run: CreationRun, outcome: JobState) -> None:
        """The row first: a server that callers were told is available is not taken from them."""
        reason = f"creating it {outcome}; see {encode_id('job', run.id)}"
        await self._fail(run, DatabaseState.CREATING, reason)
        database = await database_of(run)
        if database.state == DatabaseState.FAILED:
            report = await remove_server(self.runtime, run, database, self._spec(run, database))
            if left := report.get("left"):
                reason = f"{reason}. At Railway there is still: {'; '.join(left)}"
            await self._fail(run, DatabaseState.FAILED, reason, **_forgotten(database))

    async def _through(self, run: CreationRun, phase: Phase, right: Capability | None = None) -> Move:
        database = await database_of(run)
        provider = self.runtime.providers[database.provider]
        try:
            async with rights(self.runtime, database, right):
                made = await provider.create(self._spec(run, database), phase, lambda detail: run.report(detail=detail))
        except NotYet as not_yet:
            return wait(not_yet.waiting_for, seconds=not_yet.seconds)
        except PortTaken as taken:
            await self._prepare(run, database)
            raise ServerFailed(f"{taken.detail} Another port was chosen.") from taken
        async with run.writing() as session:
            await self._keep(session, database, **self._found(database, made))
        following = provider.phases[provider.phases.index(phase) + 1 :]
        return go(getattr(self, following[0]) if following else self.connect)

    def _found(self, database: Database, made: Made) -> dict[str, Any]:
        if made.target is not None:
            return {
                "host": made.target.host,
                "port": made.target.port,
                "username": made.target.user,
                "default_database": made.target.database,
                "tls_mode": made.target.tls,
                "ca_pem": made.target.ca_pem,
            }
        if made.data is None:
            return {}
        if database.provider != ProviderName.RAILWAY:
            return {"provider_data": made.data}
        way = way_to(Place.of(made.data), worker_label=database.worker_label, settings=self.runtime.settings)
        return {"provider_data": made.data, "reach": way.reach, "host": way.host, "port": way.port}

    async def _keep(self, session: AsyncSession, database: Database, **values: Any) -> None:
        frm = {DatabaseState.CREATING}
        await DatabaseRepository(session).move(database.id, frm=frm, to=DatabaseState.CREATING, **values)

    async def _fail(self, run: CreationRun, frm: DatabaseState, reason: str, **values: Any) -> None:
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                run.args.database_id, frm={frm}, to=DatabaseState.FAILED, state_reason=reason, **values
            )

    async def _prepare(self, run: CreationRun, database: Database) -> None:
        data = await self.runtime.providers[database.provider].prepare(self._spec(run, database))
        async with run.writing() as session:
            await self._keep(session, database, provider_data=data)

    def _spec(self, run: CreationRun, database: Database) -> ServerSpec:
        options = run.args.railway.model_dump() if run.args.railway else {}
        return spec_of(database, self.runtime.key_ring, job_id=run.id, options=options)


def _forgotten(database: Database) -> dict[str, Any]:
    """What the row still says of a server at Railway that was removed: only where it was to be."""
    if database.provider != ProviderName.RAILWAY:
        return {}
    place = Place.of(database.provider_data)
    empty = Place(connection_id=place.connection_id, project_id=place.project_id, environment_id=place.environment_id)
    return {"provider_data": empty.data(), "reach": None, "host": None, "port": None}
