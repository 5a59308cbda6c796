"""Starting a rotation, and the schedules by which applications rotate by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.connections.logins import LoginRepository
from app.connections.models import Application
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState, ProviderName
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job, Schedule
from app.jobs.scheduler import drop_schedule, put_schedule
from app.kit.cron import Cron
from app.kit.ids import encode_id
from app.rotations.errors import ApplicationUnknown, RotationImpossible, ScheduleUnknown
from app.rotations.schedules import owner_of, schedule_of
from app.rotations.schemas import (
    NEXT_RUNS,
    RotateRole,
    RotationPlan,
    RotationSchedulePut,
    RotationScheduleView,
    Strategy,
)

_GONE = (DatabaseState.DELETING, DatabaseState.DELETED)


@dataclass(frozen=True, slots=True)
class RotationService:
    """``now`` is the time by which schedules fire."""

    session: AsyncSession
    now: datetime

    async def start(self, args: RotateRole, plan: RotationPlan, caller: Principal) -> Job:
        """Raises JobConflict."""
        database = await visible_database(self.session, args.database_id, caller)
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=args.subject_id(),
            request_id=current_request_id(),
        )
        details = {"role": plan.role, "next_role": plan.next_role, "strategy": plan.strategy}
        self._audit(caller, "rotate_role", database, details)
        return enqueued.job

    async def schedule(self, database_id: UUID, name: str, caller: Principal) -> RotationScheduleView:
        """Raises ApplicationUnknown, ScheduleUnknown."""
        _, application = await self._application(database_id, name, caller)
        return _view(application, await self._present(application), self.now)

    async def put_schedule(
        self, database_id: UUID, name: str, wish: RotationSchedulePut, caller: Principal
    ) -> RotationScheduleView:
        """Raises ApplicationUnknown, DatabaseStateInvalid, RotationImpossible."""
        database, application = await self._application(database_id, name, caller)
        if database.state in _GONE:
            raise DatabaseStateInvalid(database.id, database.state, "given a schedule")
        if wish.services is not None and database.provider != ProviderName.RAILWAY:
            raise RotationImpossible("Only services at Railway can be redeployed from here; leave services out.")
        args = RotateRole(
            database_id=database.id,
            strategy=Strategy.OVERLAP,
            application_id=application.id,
            grace_seconds=wish.grace_seconds,
            consumers=wish.consumers,
            services=wish.services,
        )
        await put_schedule(
            self.session,
            owner=owner_of(application.id),
            kind=RotateRole.kind,
            args=args.model_dump(mode="json"),
            cron=wish.cron,
            zone=wish.zone,
            now=self.now,
            project_id=database.project_id,
            database_id=database.id,
        )
        self._audit(caller, "put_rotation_schedule", database, {"application": name, "cron": wish.cron})
        return _view(application, await self._present(application), self.now)

    async def delete_schedule(self, database_id: UUID, name: str, caller: Principal) -> None:
        """Raises ApplicationUnknown, ScheduleUnknown."""
        database, application = await self._application(database_id, name, caller)
        await self._present(application)
        await drop_schedule(self.session, owner_of(application.id))
        self._audit(caller, "delete_rotation_schedule", database, {"application": name})

    async def _application(self, database_id: UUID, name: str, caller: Principal) -> tuple[Database, Application]:
        database = await visible_database(self.session, database_id, caller)
        application = await LoginRepository(self.session).application(database.id, name)
        if application is None:
            raise ApplicationUnknown(name)
        return database, application

    async def _present(self, application: Application) -> Schedule:
        schedule = await schedule_of(self.session, application.id)
        if schedule is None:
            raise ScheduleUnknown(application.name)
        return schedule

    def _audit(self, caller: Principal, action: str, database: Database, details: Mapping[str, object]) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details=details,
        )


def _view(application: Application, schedule: Schedule, now: datetime) -> RotationScheduleView:
    args = RotateRole.model_validate(schedule.args)
    runs, moment = [], now
    cron = Cron.parse(schedule.cron, schedule.zone)
    for _ in range(NEXT_RUNS):
        moment = cron.next_after(moment)
        runs.append(moment)
    return RotationScheduleView(
        application=application.name,
        cron=schedule.cron,
        zone=schedule.zone,
        grace_seconds=args.grace_seconds,
        consumers=args.consumers,
        services=args.services,
        next_runs=runs,
        last_run=schedule.last_slot,
    )
