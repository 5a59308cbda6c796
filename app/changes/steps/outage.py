"""What changes with an outage have in common: the state meanwhile, the deployment that they wait for, the login after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.changes.schemas import RedeployDatabase
from app.connections.certificate_watching import has_renewed
from app.databases.changing import ChangeSteps, DeploymentMemo, checkpoint, version_seen
from app.databases.models import Database, DatabaseState
from app.databases.places import Site
from app.databases.repository import DatabaseRepository
from app.errors import Problem
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import ArgsT, MemoT, Stay, Wait, stay, wait
from app.jobs.run import Run
from app.jobs.states import FINAL, JobState
from app.kit.ids import encode_id
from app.postgres.errors import TlsFailed
from app.providers.railway.deployments import DeploymentPending, newest, settled
from app.providers.railway.models import IntentOutcome
from app.providers.railway.patches import require_none_foreign

CHANGEABLE = frozenset({DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE})
# As long as one claim waits for a deployment; the next one goes on.
SETTLE_SECONDS = 60.0
# How long a server may take to recover once its container runs.
ANSWERS_WITHIN = timedelta(minutes=15)


class OutageMemo(DeploymentMemo):
    """``before``: the newest deployment when it began, so that a later one is told from it. ``version``: after a login."""

    is_noted: bool = False
    before: str | None = None
    up_at: datetime | None = None
    version: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class OutageSteps(ChangeSteps[ArgsT, MemoT]):
    async def enter(self, run: Run[Any, Any], site: Site) -> None:
        """Once the environment is held."""
        await self.note(run, site)
        await checkpoint(self.runtime, site.database)
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                site.database.id, frm=CHANGEABLE, to=DatabaseState.RESTARTING, job_id=run.id
            )

    async def look_for_others(self, run: Run[Any, Any], site: Site) -> None:
        """Before a patch is committed, unless it is to be whatever waits. Raises StagedChangesForeign."""
        await require_none_foreign(site.client, site.place.environment_id, force=run.args.force)

    async def note(self, run: Run[Any, Any], site: Site) -> None:
        if not run.memo.is_noted:
            latest = await newest(site.client, site.place)
            run.memo.before, run.memo.is_noted = latest.id if latest else None, True
            await run.remember()

    async def settling(self, run: Run[Any, Any], site: Site, *, is_certain: bool) -> Stay | None:
        """A move while the deployment is not up. Unless it ``is_certain``, there may be none to wait for."""
        if not is_certain:
            latest = await newest(site.client, site.place)
            if latest is None or latest.id == run.memo.before:
                return None
        try:
            await settled(
                site.client,
                site.place,
                after=run.memo.before,
                seconds=SETTLE_SECONDS,
                note=lambda detail: run.report(detail=detail),
            )
        except DeploymentPending:
            return stay(1.0)
        return None

    async def answering(self, run: Run[Any, Any], site: Site) -> Stay | None:
        """A move while the container runs and the server in it does not answer yet: it may have a lot to recover."""
        run.memo.up_at = run.memo.up_at or self.runtime.clock()
        try:
            run.memo.version = await version_seen(self.runtime, site.database)
        except Problem as problem:
            if isinstance(problem, TlsFailed) and await has_renewed(self.runtime, site.database):
                return stay(1.0)
            if not problem.retryable or self.runtime.clock() - run.memo.up_at > ANSWERS_WITHIN:
                raise
            run.report(detail="the server does not answer yet")
            return stay(2.0)
        if run.memo.version is None:
            await run.warn(
                "Nothing here reaches the server, so no login was tried: Railway says that its container runs."
            )
        return None

    async def leave(self, run: Run[Any, Any], site: Site) -> dict[str, Any]:
        """Available again."""
        version, major = run.memo.version or (None, None)
        values = {"server_version": version, "server_major": major} if version else {}
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                site.database.id,
                frm={DatabaseState.RESTARTING, DatabaseState.UNREACHABLE},
                to=DatabaseState.AVAILABLE,
                job_id=run.id,
                **values,
            )
        await self.let_go(run)
        return {"database_id": encode_id("db", site.database.id), "server_version": version}

    async def give_up(self, run: Run[Any, Any], outcome: JobState) -> None:
        """Whether the server is up is for the next look at it; a failure is worth a look before that."""
        failed = outcome is JobState.FAILED
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                run.args.database_id,
                frm={DatabaseState.RESTARTING},
                to=DatabaseState.UNREACHABLE if failed else DatabaseState.AVAILABLE,
                state_reason=f"a change of its service failed; see {encode_id('job', run.id)}" if failed else None,
                job_id=run.id,
            )
        await self.let_go(run, IntentOutcome.GIVEN_UP)

    async def compensate(self, run: Run[ArgsT, MemoT], outcome: JobState) -> None:
        await self.give_up(run, outcome)


async def redeploying(run: Run[Any, Any], database: Database) -> Wait | None:
    """A child that redeploys the server, begun once the environment was let go; a move until it has ended."""
    children = await run.children()
    if not children:
        async with run.writing() as session:
            await enqueue(
                session,
                RedeployDatabase(database_id=database.id),
                created_by=run.job.created_by,
                targets=[Target(database.id)],
                project_id=database.project_id,
                subject_id=encode_id("db", database.id),
                parent=run.job,
                request_id=run.job.request_id,
                on_conflict=OnConflict.QUEUE,
            )
    elif all(JobState(child.state) in FINAL for child in children):
        return None
    return wait("the redeployment")
