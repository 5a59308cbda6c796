"""Making or forking an environment at Railway. Each step may be cut off anywhere and run again."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel

from app.databases.errors import EnvironmentLinked, NameTaken
from app.databases.repository import ProjectRepository
from app.databases.service.railway import link
from app.databases.steps.holding import delete_environment, hold, intents_of
from app.jobs.machine import Move, Steps, done, go, stay, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import (
    OutcomeUnknown,
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayProblem,
    RailwayUnavailable,
)
from app.providers.railway.inventory import read_environment
from app.providers.railway.models import IntentOutcome, RailwayIntent
from app.providers.railway.patches import StagedStatus, staged
from app.providers.railway.projects import EnvironmentName, read_project
from app.providers.railway.refusals import explain
from app.railway.capabilities import Capability
from app.railway.repository import ConnectionRepository
from app.railway.schemas import CreateRailwayEnvironment
from app.railway.standing import explained, recording
from app.runtime import Runtime

# How long what was asked for without an answer may still appear; then it is asked for again.
UNSEEN: Final = timedelta(seconds=30)
# How long Railway may be at putting services into a new environment.
FILLED: Final = timedelta(minutes=15)
MOST_ASKS: Final = 3
LOOK_SECONDS: Final = 1.0


class _Made(Result):
    id: str


class _MadeAnswer(Result):
    environment_create: _Made


class CreateMemo(BaseModel):
    asks: int = 0
    asked_at: datetime | None = None  # of the request whose outcome is not known yet
    said: str | None = None  # by Railway, where that leaves open whether it was made
    railway_environment_id: str | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CreateRailwayEnvironmentSteps(Steps[CreateRailwayEnvironment, CreateMemo]):
    """Found again by its name among those that were not there before, since only Railway chooses ids."""

    runtime: Runtime
    args = CreateRailwayEnvironment
    memo = CreateMemo

    @step
    async def hold(self, run: Run[CreateRailwayEnvironment, CreateMemo]) -> Move:
        """The project is held, so that no other job of ours makes an environment there meanwhile."""
        services: list[str] = []
        async with explained(self.runtime, run.args.connection_id) as client:
            project = await read_project(client, run.args.railway_project_id)
            if run.args.source_environment_id is not None:
                source = await read_environment(client, run.args.source_environment_id)
                services = [service.service_id for service in source.services]
        if await self._intent(run) is None and list(project.named(run.args.name)):
            raise NameTaken("an environment at Railway", run.args.name)
        plan = {"name": run.args.name, "before": [found.id for found in project.environments], "services": services}
        return await hold(self.runtime, run, run.args.railway_project_id, plan) or go(self.make)

    @step
    async def make(self, run: Run[CreateRailwayEnvironment, CreateMemo]) -> Move:
        client = await self.runtime.railway.of(run.args.connection_id)
        intent = await self._intent(run)
        assert intent is not None
        found = await self._found(run, client, intent)
        if found:
            if len(found) > 1:
                others = ", ".join(environment.id for environment in found[1:])
                await run.warn(f"Railway has more than one new environment {run.args.name}; look at {others}.")
            await self._remember(run, intent, found[0].id)
            return go(self.fill)
        memo, now = run.memo, self.runtime.clock()
        if memo.asked_at is not None and now - memo.asked_at < UNSEEN:
            return stay(LOOK_SECONDS)
        if memo.said is not None:
            raise RailwayProblem(memo.said, operation="environmentCreate")  # it was not, so that was a refusal
        if memo.asks >= MOST_ASKS:
            raise OutcomeUnknown("no answer, and no such environment", operation="environmentCreate")
        memo.asks, memo.asked_at = memo.asks + 1, now
        await run.remember()
        try:
            made_id = await self._ask(run, client)
        except OutcomeUnknown as unknown:
            if not isinstance(unknown.__cause__, RailwayUnavailable):
                memo.said = unknown.said
            return stay(LOOK_SECONDS)
        except RailwayProblem:
            memo.asks, memo.asked_at = memo.asks - 1, None  # it was not made
            await run.remember()
            raise
        await self._remember(run, intent, made_id)
        return go(self.fill)

    @step
    async def fill(self, run: Run[CreateRailwayEnvironment, CreateMemo]) -> Move:
        """A fork gets its services in the background."""
        memo, intent = run.memo, await self._intent(run)
        assert intent is not None
        assert memo.railway_environment_id is not None
        assert memo.made_at is not None
        client = await self.runtime.railway.of(run.args.connection_id)
        missing = await _missing(client, memo.railway_environment_id, set(intent.plan["services"]))
        if missing is None or missing:
            if self.runtime.clock() - memo.made_at < FILLED:
                run.report(detail=f"{len(missing or intent.plan['services'])} services are still to come")
                return stay(LOOK_SECONDS)
            await run.warn("Railway has not put every service of the source into the new environment yet; look there.")
        return go(self.link)

    @step
    async def link(self, run: Run[CreateRailwayEnvironment, CreateMemo]) -> Move:
        memo, intent = run.memo, await self._intent(run)
        assert intent is not None
        assert memo.railway_environment_id is not None
        if run.args.environment_id is not None:
            await self._link(run, memo.railway_environment_id)
        await intents_of(self.runtime).close(intent)
        return done(
            railway_environment_id=memo.railway_environment_id,
            name=run.args.name,
            forked_from=run.args.source_environment_id,
            data_copied=False,
            environment_id=encode_id("env", run.args.environment_id) if run.args.environment_id else None,
        )

    async def compensate(self, run: Run[CreateRailwayEnvironment, CreateMemo], _outcome: JobState) -> None:
        """What was made goes again: nobody was told of it. A request that may still be under way is waited for."""
        intent = await self._intent(run)
        if intent is None or intent.closed_at is not None:
            return
        client = await self.runtime.railway.of(run.args.connection_id)
        if run.memo.railway_environment_id is None and run.memo.asked_at is not None:
            while not (found := await self._found(run, client, intent)):
                if self.runtime.clock() - run.memo.asked_at > UNSEEN:
                    break
                await asyncio.sleep(LOOK_SECONDS)
            if found:
                await self._remember(run, intent, found[0].id)
        if run.memo.railway_environment_id is not None:
            place = (run.args.railway_project_id, run.memo.railway_environment_id)
            await delete_environment(self.runtime, client, run.args.connection_id, *place)
        await intents_of(self.runtime).close(intent, IntentOutcome.UNDONE)

    async def _ask(self, run: Run[CreateRailwayEnvironment, CreateMemo], client: RailwayClient) -> str:
        wish = {
            "projectId": run.args.railway_project_id,
            "name": run.args.name,
            "sourceEnvironmentId": run.args.source_environment_id,
            "applyChangesInBackground": True,
        }
        async with recording(self.runtime, run.args.connection_id, Capability.ENVIRONMENTS_WRITE):
            try:
                made = await client.change(document("environmentCreate"), {"input": wish}, _MadeAnswer)
            except RailwayNotAuthorized as refusal:
                raise await explain(
                    client, refusal, lambda: read_project(client, run.args.railway_project_id)
                ) from refusal
        return made.environment_create.id

    async def _found(
        self, run: Run[CreateRailwayEnvironment, CreateMemo], client: RailwayClient, intent: RailwayIntent
    ) -> list[EnvironmentName]:
        """Nobody asked yet, so there is none that is ours."""
        if run.memo.railway_environment_id is None and run.memo.asks == 0:
            return []
        project = await read_project(client, run.args.railway_project_id)
        return [found for found in project.named(run.args.name) if found.id not in intent.plan["before"]]

    async def _remember(
        self, run: Run[CreateRailwayEnvironment, CreateMemo], intent: RailwayIntent, environment_id: str
    ) -> None:
        await intents_of(self.runtime).made(intent, railway_environment_id=environment_id)
        run.memo.railway_environment_id, run.memo.asked_at = environment_id, None
        run.memo.made_at = run.memo.made_at or self.runtime.clock()
        await run.remember()

    async def _link(self, run: Run[CreateRailwayEnvironment, CreateMemo], railway_environment_id: str) -> None:
        assert run.args.environment_id is not None
        ours = encode_id("env", run.args.environment_id)
        warning = None
        async with run.writing() as session:
            # Before the environment, as everybody does who links one.
            await ConnectionRepository(session).get(run.args.connection_id, None, change=True)
            environment = await ProjectRepository(session).environment_of_any(
                run.args.environment_id, None, change=True
            )
            if environment is None:
                warning = f"{ours} was deleted meanwhile, so it is not linked."
            else:
                try:
                    place = (run.args.railway_project_id, railway_environment_id)
                    await link(session, environment, run.args.connection_id, *place, job_id=run.id)
                except EnvironmentLinked as linked:
                    warning = f"{linked.detail} The new one is linked to nothing."
        if warning is not None:
            await run.warn(warning)

    async def _intent(self, run: Run[CreateRailwayEnvironment, CreateMemo]) -> RailwayIntent | None:
        return await intents_of(self.runtime).of_owner(run.id, run.args.kind)


async def _missing(client: RailwayClient, environment_id: str, expected: set[str]) -> set[str] | None:
    """Which services are still to come; None while the environment cannot be seen, or is being changed."""
    try:
        state = await read_environment(client, environment_id)
        waiting = await staged(client, environment_id)
    except (RailwayNotFound, RailwayNotAuthorized):
        return None  # what was just made is not seen at once
    if waiting.status is StagedStatus.APPLYING:
        return None
    return expected - {service.service_id for service in state.services}
