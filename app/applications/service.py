"""Starting what is done with an application: the job, and the trail."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.applications.errors import ApplicationNotFound, DeletionNotConfirmed
from app.applications.schemas import (
    ConsumersMove,
    DeleteApplication,
    HardenApplication,
    HardenWish,
)
from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.connections.logins import LoginRepository
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState, ProviderName
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id


def hardening(database: Database, wish: HardenWish) -> HardenApplication:
    """Only Railway has services whose variables can be moved."""
    is_railway = database.provider == ProviderName.RAILWAY
    return HardenApplication(
        database_id=database.id,
        name=wish.application,
        logical_database=wish.logical_database,
        schemas=wish.schemas,
        timeouts=wish.timeouts,
        consumers=wish.consumers if is_railway else ConsumersMove.LEAVE,
        redeploy=wish.redeploy,
        revoke_public_create=wish.revoke_public_create,
    )


@dataclass(frozen=True, slots=True)
class ApplicationService:
    session: AsyncSession

    async def harden(self, args: HardenApplication, caller: Principal) -> Job:
        """Raises DatabaseStateInvalid, ScopeMissing, JobConflict."""
        for scope in args.scopes():
            caller.require(scope)
        details = {"consumers": args.consumers, "logical_database": args.logical_database}
        return await self._start(args.database_id, args, caller, "harden_database", args.name, **details)

    async def delete(self, args: DeleteApplication, caller: Principal, *, confirm: str | None) -> Job:
        """A dry run needs no confirmation: None. Raises ApplicationNotFound, DeletionNotConfirmed, JobConflict."""
        if await LoginRepository(self.session).application(args.database_id, args.name) is None:
            raise ApplicationNotFound(args.name)
        if confirm is not None and confirm != args.name:
            raise DeletionNotConfirmed(args.name)
        return await self._start(
            args.database_id, args, caller, "delete_application", args.name, successor=args.successor
        )

    async def _start(
        self, database_id: UUID, args: JobArgs, caller: Principal, action: str, application: str, **details: object
    ) -> Job:
        database = await visible_database(self.session, database_id, caller)
        if database.state != DatabaseState.AVAILABLE:
            raise DatabaseStateInvalid(database.id, database.state, "given other roles")
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=args.subject_id(),
            request_id=current_request_id(),
        )
        audit(
            self.session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"application": application, "job_id": encode_id("job", enqueued.job.id), **details},
        )
        return enqueued.job
