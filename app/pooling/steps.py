"""Attaching a pooler, changing it, and taking it away again."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from app.connections.models import Pool, Pooler, PoolerState
from app.connections.poolers import live_pooler, pools_of
from app.databases.access import target_of
from app.databases.models import Database
from app.errors import Problem, Unavailable
from app.jobs.machine import Move, NoMemo, Steps, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.pooling.processes import auth_password, bring, console_of, front_door, local_provider
from app.pooling.repository import PoolerRepository
from app.pooling.schemas import ApplyPooler, RemovePooler
from app.postgres.errors import PoolerPortTaken
from app.postgres.pgbouncer_config import HOST
from app.postgres.pooler_login import ROLE, absent_databases, drop_pooler_login, make_pooler_login
from app.runtime import Runtime

ApplyRun = Run[ApplyPooler, NoMemo]
RemoveRun = Run[RemovePooler, NoMemo]

_HERE: Final = (PoolerState.CREATING, PoolerState.RUNNING, PoolerState.STOPPED, PoolerState.FAILED)


@dataclass(frozen=True, slots=True)
class ApplyPoolerSteps(Steps[ApplyPooler, NoMemo]):
    """Each step goes by what the rows say when it runs, so what was changed meanwhile is applied with it."""

    runtime: Runtime

    args = ApplyPooler
    memo = NoMemo

    @step
    async def login(self, run: ApplyRun) -> Move:
        database, pooler, pools = await _rows(run)
        names = {pool.logical_database for pool in pools}
        # One that was dropped must not keep the other pools from what was changed.
        absent = await absent_databases(target_of(database, self.runtime.key_ring), names)
        for name in absent:
            await run.warn(
                f"The server has no database {name!r} that takes connections. Its pools refuse their clients until there is one."
            )
        password = auth_password(pooler, self.runtime.key_ring)
        outdated = await make_pooler_login(
            target_of(database, self.runtime.key_ring), password, sorted(names - set(absent))
        )
        if outdated:
            await run.warn(
                f"The server keeps the passwords of {', '.join(outdated)} as MD5. They cannot log in through the pooler until "
                "their passwords are set again with password_encryption = scram-sha-256."
            )
        if pooler.port is None:
            await self._choose_port(run, pooler)
        return go(self.start)

    @step
    async def start(self, run: ApplyRun) -> Move:
        database, pooler, _ = await _rows(run)
        try:
            brought = await bring(self.runtime, database, states=_HERE)
        except PoolerPortTaken:
            await self._choose_port(run, pooler)
            await run.warn(f"Port {pooler.port} was taken by another program. The pooler has another address now.")
            return go(self.start)
        assert brought is not None, "a deletion would exclude this job"
        async with run.writing() as session:
            row = await session.get_one(Pooler, pooler.id, with_for_update=True)
            row.version = brought.version
            row.ca_pem = local_provider(self.runtime).pooler(database.id).root_pem()
        return go(self.check)

    @step
    async def check(self, run: ApplyRun) -> Move:
        """It counts once a login goes through each pool to the server."""
        database, pooler, pools = await _rows(run)
        console = console_of(pooler, self.runtime)
        names = {pool.logical_database for pool in pools}
        absent = await absent_databases(target_of(database, self.runtime.key_ring), names)
        for pool in pools:
            if pool.paused_until is None and pool.logical_database not in absent:
                run.report(detail=f"a login through the pool {pool.name}")
                await console.log_in(front_door(database, pooler, pool, self.runtime))
        async with run.writing() as session:
            await PoolerRepository(session).move(pooler.id, frm=_HERE, to=PoolerState.RUNNING, job_id=run.id)
        return done(host=pooler.host, port=pooler.port, version=pooler.version, pools=[pool.name for pool in pools])

    async def compensate(self, run: ApplyRun, outcome: JobState) -> None:
        """One that never ran is taken away; one that ran goes on as it is."""
        database, pooler, _ = await _rows(run)
        if pooler.state == PoolerState.CREATING:
            process = local_provider(self.runtime).pooler(database.id)
            async with process.locked():
                await process.destroy()
            with suppress(Problem):
                await drop_pooler_login(target_of(database, self.runtime.key_ring))
            to = PoolerState.FAILED
        else:
            to = PoolerState(pooler.state)
        reason = f"the last change of it {outcome}; see {encode_id('job', run.id)}"
        async with run.writing() as session:
            await PoolerRepository(session).move(
                pooler.id, frm=[PoolerState(pooler.state)], to=to, job_id=run.id, state_reason=reason
            )

    async def _choose_port(self, run: ApplyRun, pooler: Pooler) -> None:
        port = await local_provider(self.runtime).free_port()
        async with run.writing() as session:
            row = await session.get_one(Pooler, pooler.id, with_for_update=True)
            row.host, row.port, row.host_id = HOST, port, self.runtime.host_id


@dataclass(frozen=True, slots=True)
class RemovePoolerSteps(Steps[RemovePooler, NoMemo]):
    runtime: Runtime

    args = RemovePooler
    memo = NoMemo

    @step
    async def stop(self, run: RemoveRun) -> Move:
        process = local_provider(self.runtime).pooler(run.args.database_id)
        async with process.locked():
            await process.destroy()
        return go(self.forget)

    @step
    async def forget(self, run: RemoveRun) -> Move:
        """A server that is away keeps the role, which nobody has the password of any more."""
        database, pooler, _ = await _rows(run)
        try:
            if not await drop_pooler_login(target_of(database, self.runtime.key_ring)):
                await run.warn(f"The role {ROLE} was given more than a pooler needs, so it stays, without a login.")
        except Unavailable as unavailable:
            await run.warn(f"The role {ROLE} and its schema stay on the server: {unavailable.detail}")
        async with run.writing() as session:
            await PoolerRepository(session).move(
                pooler.id, frm=[PoolerState.DELETING], to=PoolerState.DELETED, job_id=run.id
            )
        return done()

    async def compensate(self, run: RemoveRun, outcome: JobState) -> None:
        """What was stopped is started again by the look at this host's poolers."""
        _, pooler, _ = await _rows(run)
        reason = f"deleting it {outcome}; see {encode_id('job', run.id)}"
        async with run.writing() as session:
            await PoolerRepository(session).move(
                pooler.id,
                frm=[PoolerState.DELETING],
                to=PoolerState.STOPPED,
                job_id=run.id,
                state_reason=reason,
            )


async def _rows(run: Run[Any, Any]) -> tuple[Database, Pooler, Sequence[Pool]]:
    async with run.reading() as session:
        database = await session.get_one(Database, run.args.database_id)
        pooler = await live_pooler(session, database.id)
        assert pooler is not None, "its row stays until a job has deleted it"
        return database, pooler, await pools_of(session, pooler.id)
