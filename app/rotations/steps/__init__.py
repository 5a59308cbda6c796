"""The job ``role.rotate``: which of the two ways it goes, and how it is undone."""

from dataclasses import dataclass

from app.databases.errors import DatabaseStateInvalid
from app.databases.models import DatabaseState
from app.jobs.machine import Move, done, go, step
from app.jobs.scheduler import drop_schedule
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.rotations.schedules import owner_of
from app.rotations.schemas import RotateRole, Strategy
from app.rotations.steps.base import RotationMemo, RotationRun
from app.rotations.steps.immediate import ImmediateSteps
from app.rotations.steps.overlap import OverlapSteps


@dataclass(frozen=True, slots=True)
class RotateRoleSteps(OverlapSteps, ImmediateSteps):
    args = RotateRole
    memo = RotationMemo
    operation = "role.rotate"

    @step
    async def begin(self, run: RotationRun) -> Move:
        subject = await self.subject(run)
        if subject.application is not None and subject.application.deleted_at is not None:
            async with run.writing() as session:
                await drop_schedule(session, owner_of(subject.application.id))
            return done(database_id=encode_id("db", subject.database.id), skipped="the application was deleted")
        if subject.database.state != DatabaseState.AVAILABLE:
            raise DatabaseStateInvalid(subject.database.id, subject.database.state, "given another password")
        await self.settle_passwords(run, subject)
        return go(self.prepare if run.args.strategy is Strategy.OVERLAP else self.change)

    async def compensate(self, run: RotationRun, _outcome: JobState) -> None:
        if run.args.strategy is Strategy.OVERLAP:
            await self.undo_overlap(run)
        else:
            await self.undo_immediate(run)
