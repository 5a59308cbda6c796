"""A change of settings that the server takes over when it starts: written, restarted, compared, or taken back."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, Field

from app.databases.access import target_of
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.databases.spec import spec_of
from app.errors import Problem, Unavailable
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import Move, Steps, done, go, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.parameters.errors import SettingNotApplied
from app.parameters.models import ChangeState, SettingChange
from app.parameters.planning import not_in_force, written_now
from app.parameters.repository import ChangeRepository
from app.parameters.schemas import ChangeSettings, text_values
from app.parameters.service import RESTARTABLE, tell
from app.postgres.connect import Target as Server
from app.postgres.parameter_writing import Scope, only_writer, seen_anew, write
from app.postgres.parameters import Reading, read
from app.providers.protocol import NotSupported
from app.provisioning.schemas import RestartDatabase
from app.runtime import Runtime

_SYSTEM: Final = Scope()


class ChangeMemo(BaseModel):
    """``running``: what the server had when it began, to start it with in place of values that keep it down."""

    is_noted: bool = False
    running: dict[str, str] = Field(default_factory=dict)


ChangeRun = Run[ChangeSettings, ChangeMemo]


@dataclass(frozen=True, slots=True)
class ChangeSettingsSteps(Steps[ChangeSettings, ChangeMemo]):
    runtime: Runtime

    args = ChangeSettings
    memo = ChangeMemo

    @step
    async def write(self, run: ChangeRun) -> Move:
        """On file, and loaded as far as that is possible. What it replaces is noted before."""
        database, change = await self._rows(run)
        after = text_values(change.after)
        target = target_of(database, self.runtime.key_ring)
        async with only_writer(target) as server:
            if not run.memo.is_noted:
                await self._note(run, await read(server), list(after))
            await write(server, target, _SYSTEM, after)
        return go(self.restart)

    @step
    async def restart(self, run: ChangeRun) -> Move:
        children = await run.children()
        if not children:
            database, _ = await self._rows(run)
            async with run.writing() as session:
                moved = await DatabaseRepository(session).move(
                    database.id, frm=RESTARTABLE, to=DatabaseState.RESTARTING, job_id=run.id
                )
                if not moved:
                    raise DatabaseStateInvalid(database.id, database.state, "restarted")
                await enqueue(
                    session,
                    RestartDatabase(database_id=database.id),
                    created_by=run.job.created_by,
                    targets=[Target(database.id)],
                    project_id=database.project_id,
                    subject_id=encode_id("db", database.id),
                    parent=run.job,
                    host_id=database.host_id,
                    request_id=run.job.request_id,
                    on_conflict=OnConflict.QUEUE,
                )
        elif await run.children_ended():
            return go(self.compare)
        return wait("the restart of the server")

    @step
    async def compare(self, run: ChangeRun) -> Move:
        """By a session that begins now."""
        database, change = await self._rows(run)
        after = text_values(change.after)
        seen = await seen_anew(target_of(database, self.runtime.key_ring))
        failed = not_in_force(seen, after, _SYSTEM) | dict.fromkeys(
            _pending(seen, after), "it still waits for a restart"
        )
        if failed:
            raise SettingNotApplied(failed)
        async with run.writing() as session:
            row = await session.get_one(SettingChange, change.id, with_for_update=True)
            if row.state == ChangeState.PENDING:
                await ChangeRepository(session).settle(row, ChangeState.APPLIED)
                tell(session, row)
        return done(change_id=encode_id("stc", change.id), settings=after)

    async def compensate(self, run: ChangeRun, _outcome: JobState) -> None:
        """The former values, and the server up with them."""
        database, change = await self._rows(run)
        if change.state != ChangeState.PENDING:
            return
        state, is_up = ChangeState.FAILED, False
        document = None
        if run.memo.is_noted:
            try:
                await self._take_back(run, database, change)
                is_up = True
            except Problem as problem:
                if problem.retryable and run.job.attempt < run.job.max_attempts:
                    raise
                state, document = ChangeState.UNSETTLED, problem.document()
                await run.warn(_way_out(run, change))
        async with run.writing() as session:
            row = await session.get_one(SettingChange, change.id, with_for_update=True)
            await ChangeRepository(session).settle(row, state, document)
            if is_up:
                await DatabaseRepository(session).move(
                    database.id,
                    frm={DatabaseState.RESTARTING, DatabaseState.UNREACHABLE},
                    to=DatabaseState.AVAILABLE,
                    job_id=run.id,
                )

    async def _rows(self, run: ChangeRun) -> tuple[Database, SettingChange]:
        async with run.reading() as session:
            database = await session.get_one(Database, run.args.database_id)
            return database, await session.get_one(SettingChange, run.args.change_id)

    async def _note(self, run: ChangeRun, reading: Reading, names: list[str]) -> None:
        """Again, since somebody may have changed them after the request."""
        found = [parameter for name in names if (parameter := reading.find(name)) is not None]
        run.memo.running = {parameter.name: parameter.value for parameter in found}
        run.memo.is_noted = True
        async with run.writing() as session:
            row = await session.get_one(SettingChange, run.args.change_id, with_for_update=True)
            row.before = {parameter.name: written_now(reading, parameter, _SYSTEM) for parameter in found}
            row.job_id = run.id

    async def _take_back(self, run: ChangeRun, database: Database, change: SettingChange) -> None:
        target = target_of(database, self.runtime.key_ring)
        provider, spec = self.runtime.providers[database.provider], spec_of(database, self.runtime.key_ring)
        before = text_values(change.before)
        was_rescued = False
        try:
            await self._write_back(target, before)
        except Unavailable as unreachable:
            try:
                await provider.rescue(spec, run.memo.running)
            except NotSupported:
                raise unreachable from None
            was_rescued = True
            await self._write_back(target, before)
        if not was_rescued and not _pending(await seen_anew(target), before):
            return
        if provider.capabilities.bound_to_host:
            await provider.restart(spec)
            await run.warn("The server did not go by the new values, and runs with the former ones again.")
        else:
            await run.warn(
                "The former values are on file again. Restart the server, which still runs with the new ones."
            )

    async def _write_back(self, target: Server, before: dict[str, str | None]) -> None:
        async with only_writer(target) as server:
            await write(server, target, _SYSTEM, before)


def _pending(reading: Reading, names: Iterable[str]) -> list[str]:
    return [name for name in names if (parameter := reading.find(name)) is not None and parameter.pending_restart]


def _way_out(run: ChangeRun, change: SettingChange) -> str:
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in sorted(run.memo.running.items()))
    return (
        f"Whether the server still has the new values is not known. If it does not start, start it once with {options} at the "
        "end of its command line (at Railway: the service's start command), which goes before what ALTER SYSTEM wrote. Then "
        f"undo {encode_id('stc', change.id)}."
    )
