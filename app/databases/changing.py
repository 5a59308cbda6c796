"""What every job that changes something at Railway has in common: the writer lock, the token's rights, the deployment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel

from app.databases.access import target_of
from app.databases.models import Database
from app.databases.places import Site, site_of
from app.databases.reach import is_reached_from_here
from app.databases.referrers import forget_seen
from app.errors import Problem
from app.events.emit import emit
from app.jobs.machine import ArgsT, MemoT, Steps, Wait, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.postgres.connect import connect
from app.postgres.version import server_version
from app.providers.railway.errors import RailwayNotAuthorized
from app.providers.railway.intents import EnvironmentBusy, Intents
from app.providers.railway.inventory import read_environment
from app.providers.railway.models import IntentOutcome
from app.providers.railway.patches import PATCH_KEYS, StagedChangesForeign, discard_own
from app.providers.railway.refusals import explain
from app.railway.capabilities import Capability
from app.railway.standing import recording
from app.runtime import Runtime

APPLICATION_NAME = "pgmanager changes"
BUSY_SECONDS = 3.0


class ChangeMemo(BaseModel):
    is_told: bool = False


class DeploymentMemo(ChangeMemo):
    """``was_asked``: a deployment was asked for, or was about to be. A worker may have died before the answer."""

    was_asked: bool = False


async def asked_before(run: Run[Any, Any]) -> bool:
    """Whether an earlier attempt may have asked for the deployment; from now on one has. The memo is a DeploymentMemo."""
    if run.memo.was_asked:
        return True
    run.memo.was_asked = True
    await run.remember()
    return False


@dataclass(frozen=True, slots=True)
class ChangeSteps(Steps[ArgsT, MemoT]):
    """The arguments name the database (``database_id``). The first step holds the environment, the last lets it go."""

    runtime: Runtime

    operation: ClassVar[str]

    async def site(self, run: Run[Any, Any]) -> Site:
        async with run.reading() as session:
            database = await session.get_one(Database, run.args.database_id)
        return await site_of(self.runtime, database)

    async def hold(self, run: Run[Any, Any], site: Site, **plan: Any) -> Wait | None:
        """Writes the intent, which is the writer lock of the environment as well; a move where somebody else has it."""
        try:
            await self._intents.open(
                site.place.connection_id,
                site.place.environment_id,
                owner_id=run.id,
                operation=self.operation,
                plan={"service_id": site.place.service(), **plan},
            )
        except EnvironmentBusy as busy:
            return wait(busy.detail, seconds=BUSY_SECONDS)
        return None

    async def tell(self, run: Run[Any, Any], site: Site, kind: str, **data: Any) -> None:
        """Emits the event once, also when a worker dies behind it and another one comes here again.

        What was seen of the environment's variables may no longer be so.
        """
        if run.memo.is_told:
            return
        run.memo.is_told = True
        database = site.database
        async with run.writing() as session:
            emit(session, kind, project_id=database.project_id, database_id=database.id, job_id=run.id, **data)
            await forget_seen(session, site, self.runtime.clock())

    async def let_go(self, run: Run[Any, Any], outcome: IntentOutcome = IntentOutcome.DONE) -> None:
        intent = await self._intents.of_owner(run.id, self.operation)
        if intent is not None:
            await self._intents.close(intent, outcome)

    async def compensate(self, run: Run[ArgsT, MemoT], _outcome: JobState) -> None:
        """What was changed stays changed. What was staged and not committed is taken back, and the next one is let in."""
        intent = await self._intents.of_owner(run.id, self.operation)
        if intent is None:
            return
        if keys := intent.plan.get(PATCH_KEYS):
            site = await self.site(run)
            # What others have added meanwhile is theirs to discard, and ours with it.
            with suppress(StagedChangesForeign):
                await discard_own(site.client, site.place.environment_id, keys)
        await self._intents.close(intent, IntentOutcome.GIVEN_UP)

    @property
    def _intents(self) -> Intents:
        return Intents(self.runtime.sessions, self.runtime.clock)

    @asynccontextmanager
    async def changing(self, site: Site, capability: Capability) -> AsyncIterator[None]:
        async with changing(self.runtime, site, capability):
            yield


@asynccontextmanager
async def changing(runtime: Runtime, site: Site, capability: Capability) -> AsyncIterator[None]:
    """Around what changes something: a refusal is told in one of its three meanings, and kept with the token."""
    async with recording(runtime, site.place.connection_id, capability):
        try:
            yield
        except RailwayNotAuthorized as refusal:
            raise await explain(
                site.client, refusal, lambda: read_environment(site.client, site.place.environment_id)
            ) from refusal


async def checkpoint(runtime: Runtime, database: Database) -> None:
    """Pages that are written need not be written again after the stop, so the outage is short. A server that is down,
    or out of reach, has none.
    """
    if not is_reached_from_here(database, runtime):
        return
    with suppress(Problem):
        async with connect(
            target_of(database, runtime.key_ring), application_name=APPLICATION_NAME, statement_timeout_seconds=300
        ) as connection:
            await connection.execute("CHECKPOINT")


async def version_seen(runtime: Runtime, database: Database) -> tuple[str, int] | None:
    """By a login, which is what shows that the server is back; None where this process does not reach it."""
    if not is_reached_from_here(database, runtime):
        return None
    return await server_version(target_of(database, runtime.key_ring))
