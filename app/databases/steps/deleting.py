"""Deleting an environment at Railway, once nothing of ours lives in it. Each step may be cut off anywhere and run again."""

from dataclasses import dataclass

from app.databases.errors import HasDependents
from app.databases.repository import ProjectRepository
from app.databases.service.railway import unlink
from app.databases.steps.holding import delete_environment, hold, let_go
from app.jobs.machine import Move, NoMemo, Steps, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.providers.railway.models import IntentOutcome
from app.railway.repository import ConnectionRepository
from app.railway.schemas import DeleteRailwayEnvironment
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class DeleteRailwayEnvironmentSteps(Steps[DeleteRailwayEnvironment, NoMemo]):
    runtime: Runtime
    args = DeleteRailwayEnvironment
    memo = NoMemo

    @step
    async def hold(self, run: Run[DeleteRailwayEnvironment, NoMemo]) -> Move:
        """Whoever makes a database holds the environment, too; so none is on its way once it is ours."""
        return await hold(self.runtime, run, run.args.railway_environment_id, {"name": run.args.name}) or go(
            self.delete
        )

    @step
    async def delete(self, run: Run[DeleteRailwayEnvironment, NoMemo]) -> Move:
        async with run.reading() as session:
            databases = await ConnectionRepository(session).adopted(run.args.railway_environment_id)
        if databases:
            raise HasDependents("environment at Railway", or_forget=True, databases=len(databases))
        client = await self.runtime.railway.of(run.args.connection_id)
        place = (run.args.railway_project_id, run.args.railway_environment_id)
        await delete_environment(self.runtime, client, run.args.connection_id, *place)
        return go(self.unlink)

    @step
    async def unlink(self, run: Run[DeleteRailwayEnvironment, NoMemo]) -> Move:
        async with run.writing() as session:
            linked = await ProjectRepository(session).standing_for(run.args.railway_environment_id)
            for environment in linked:
                unlink(session, environment, job_id=run.id)
        await let_go(self.runtime, run, IntentOutcome.DONE)
        return done(
            railway_environment_id=run.args.railway_environment_id,
            name=run.args.name,
            unlinked=[encode_id("env", environment.id) for environment in linked],
        )

    async def compensate(self, run: Run[DeleteRailwayEnvironment, NoMemo], _outcome: JobState) -> None:
        """What was deleted does not come back. Environments that stand for it are then unlinked by their own route."""
        await let_go(self.runtime, run, IntentOutcome.GIVEN_UP)
