"""After a restore in place: dropping what stands beside, or changing back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.access import Address, target_of
from app.databases.models import Database
from app.databases.openings import close_address, open_address
from app.events.alerts import clear_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.machine import Move, Steps, Wait, done, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.postgres.making import drop_database, maintenance, names_of
from app.postgres.swap import SwapImpossible, reopen
from app.restores.errors import RestoreStateInvalid
from app.restores.models import Restore, RestoreState
from app.restores.placing import put_back, swap_of
from app.restores.planning import application_name
from app.restores.repository import RestoreRepository
from app.restores.schemas import ConfirmRestore, Placed, UndoRestore
from app.runtime import Runtime


class SettledMemo(BaseModel):
    """``beside`` is the database that was dropped or kept, written with the restore's new state: all is done then."""

    beside: str | None = None
    address: Address | None = None  # of the server, when the job opened one for itself


SettlingRun: TypeAlias = Run[Any, SettledMemo]


@dataclass(frozen=True)
class ConfirmRestoreSteps(Steps[ConfirmRestore, SettledMemo]):
    """What stands beside is dropped for good."""

    runtime: Runtime

    args = ConfirmRestore
    memo = SettledMemo

    @step
    async def drop(self, run: Run[ConfirmRestore, SettledMemo]) -> Move:
        if run.memo.beside is None and (waiting := await _drive(self.runtime, run, self._drop)):
            return waiting
        return await _leave(self.runtime, run) or _done(run, dropped=run.memo.beside)

    async def compensate(self, run: Run[ConfirmRestore, SettledMemo], _outcome: JobState) -> None:
        await _leave(self.runtime, run)

    async def _drop(self, run: Run[ConfirmRestore, SettledMemo]) -> None:
        restore, database, placed = await _read(run, {RestoreState.RESTORED, RestoreState.UNDONE}, "confirmed")
        target = target_of(database, self.runtime.key_ring, address=run.memo.address)
        async with maintenance(target, application_name=application_name(run), beside=placed.name) as session:
            found = (await names_of(session, placed.outgoing)).get(placed.outgoing)
            if found is not None and found != placed.aside:
                raise SwapImpossible(
                    f"The database to be dropped is no longer called {placed.aside!r} but {found!r}: somebody wants to keep "
                    "it, so it is left alone. Name it as before and confirm again, or leave it."
                )
            if found is not None:  # else it is dropped, and what has its name is another one
                await drop_database(session, placed.aside)
        undone = restore.state == RestoreState.UNDONE
        async with run.writing() as session:
            run.memo.beside = placed.aside
            await RestoreRepository(session).move(
                restore.id,
                frm={RestoreState(restore.state)},
                to=RestoreState.UNDONE if undone else RestoreState.CONFIRMED,
                previous_database=None,
                placed=None,
                confirmed_at=func.now(),
            )
            await _settled(session, restore, "confirmed")
            _tell(session, "restore.confirmed", restore, run, dropped=placed.aside)


@dataclass(frozen=True)
class UndoRestoreSteps(Steps[UndoRestore, SettledMemo]):
    """The replaced database gets its name back. The restored one is kept beside until that is confirmed."""

    runtime: Runtime

    args = UndoRestore
    memo = SettledMemo

    @step
    async def swap_back(self, run: Run[UndoRestore, SettledMemo]) -> Move:
        if run.memo.beside is None and (waiting := await _drive(self.runtime, run, self._swap_back)):
            return waiting
        return await _leave(self.runtime, run) or _done(run, kept=run.memo.beside)

    async def _swap_back(self, run: Run[UndoRestore, SettledMemo]) -> None:
        restore, database, placed = await _read(run, {RestoreState.RESTORED}, "undone")
        target = target_of(database, self.runtime.key_ring, address=run.memo.address)
        await run.remember()  # a worker that lost its job ends here
        back, written = await put_back(target, placed, restore.id, application=application_name(run))
        if written is None:
            await run.warn(
                f"Whether rows were written to the restored database since cannot be told from the server's counters; look "
                f"into {back.aside} before you confirm."
            )
        elif written:
            await run.warn(
                f"Since the restore {written} were counted in the restored database. They are not in the one that is back; "
                f"they are in {back.aside} until you confirm."
            )
        async with run.writing() as session:
            run.memo.beside = back.aside
            await RestoreRepository(session).move(
                restore.id,
                frm={RestoreState.RESTORED},
                to=RestoreState.UNDONE,
                previous_database=back.aside,
                placed=back.model_dump(mode="json"),
            )
            await _settled(session, restore, "undone")
            _tell(session, "restore.undone", restore, run, kept=back.aside)

    async def compensate(self, run: Run[UndoRestore, SettledMemo], outcome: JobState) -> None:  # noqa: ARG002 (the base class's)
        """Whatever has the name now must let people in."""
        async with run.reading() as session:
            restore = await RestoreRepository(session).find(run.args.restore_id)
            database = await session.get_one(Database, restore.database_id)
        if restore.placed is not None:
            swap = swap_of(Placed.model_validate(restore.placed))
            target = target_of(database, self.runtime.key_ring, address=run.memo.address)
            async with maintenance(target, application_name=application_name(run), beside=swap.name) as session:
                await reopen(session, swap)
        await _leave(self.runtime, run)


async def _drive(runtime: Runtime, run: SettlingRun, work: Callable[[Any], Awaitable[None]]) -> Wait | None:
    """By a way of its own, where the job wished for one; a move while that takes time."""
    if run.args.network is not None:
        opened = await open_address(runtime, run, await _database_id(run))
        if isinstance(opened, Wait):
            return opened
        run.memo.address = opened
    await work(run)
    return None


async def _leave(runtime: Runtime, run: SettlingRun) -> Wait | None:
    """What was opened to the server is closed."""
    return None if run.args.network is None else await close_address(runtime, run, await _database_id(run))


async def _database_id(run: SettlingRun) -> UUID:
    async with run.reading() as session:
        return (await RestoreRepository(session).find(run.args.restore_id)).database_id


def _done(run: Run[Any, SettledMemo], **what: str | None) -> Move:
    return done(type="restore", restore_id=encode_id("rst", run.args.restore_id), **what)


async def _read(run: Run[Any, SettledMemo], states: set[RestoreState], action: str) -> tuple[Restore, Database, Placed]:
    async with run.reading() as session:
        restore = await RestoreRepository(session).find(run.args.restore_id)
        database = await session.get_one(Database, restore.database_id, populate_existing=True)
    if restore.state not in states or restore.placed is None:
        raise RestoreStateInvalid(restore.id, restore.state, action)
    return restore, database, Placed.model_validate(restore.placed)


async def _settled(session: AsyncSession, restore: Restore, how: str) -> None:
    await clear_alert(session, AlertType.RESTORE_UNCONFIRMED, encode_id("rst", restore.id), reason=f"it was {how}")


def _tell(session: Any, kind: str, restore: Restore, run: Run[Any, SettledMemo], **data: str) -> None:
    emit(
        session,
        kind,
        project_id=restore.project_id,
        database_id=restore.database_id,
        subject_id=encode_id("rst", restore.id),
        job_id=run.id,
        **data,
    )
