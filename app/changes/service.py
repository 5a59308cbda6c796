"""Starting a change: the job, and the trail."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.changes.schemas import ChangePublicAccess
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState, PublicWindow
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id

CHANGEABLE = frozenset({DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class ChangeService:
    session: AsyncSession

    async def start(
        self, database_id: UUID, args: JobArgs, caller: Principal, action: str, **details: object
    ) -> tuple[Database, Job]:
        """``action`` is the operation id. Raises DatabaseNotFound, DatabaseStateInvalid, ScopeMissing, JobConflict."""
        database = await visible_database(self.session, database_id, caller)
        for scope in args.scopes():
            caller.require(scope)
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=encode_id("db", database.id),
            request_id=current_request_id(),
        )
        if database.state not in CHANGEABLE:
            raise DatabaseStateInvalid(database.id, database.state, "changed at Railway")
        if isinstance(args, ChangePublicAccess) and args.enabled:
            await self._keep_public(database.id)
        audit(
            self.session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"name": database.name, **details},
        )
        return database, enqueued.job

    async def _keep_public(self, database_id: UUID) -> None:
        """Whoever asks for public access without an end has it when a window of somebody else's ends."""
        of_it = (col(PublicWindow.database_id) == database_id, col(PublicWindow.closed_at).is_(None))
        await self.session.exec(update(PublicWindow).where(*of_it).values(opened_it=False))
