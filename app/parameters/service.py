"""Changes of settings as far as our own record of them goes: begun before the server is told, settled after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.errors import Problem
from app.events.emit import emit
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.parameters.errors import ChangeNotFound, ChangeNotUndoable, SettingsBusy
from app.parameters.models import ChangeState, SettingChange
from app.parameters.planning import Plan, not_in_force
from app.parameters.repository import ChangeRepository
from app.parameters.schemas import change_of, text_values
from app.postgres.parameter_writing import Scope
from app.postgres.parameters import Reading
from app.providers.protocol import NotSupported
from app.runtime import Runtime

RESTARTABLE: Final = frozenset({DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE})


class ChangeInterrupted(Problem):
    code, title = "CHANGE_INTERRUPTED", "The change was interrupted"


@dataclass(frozen=True, slots=True)
class SettingsService:
    session: AsyncSession
    runtime: Runtime

    async def require_still(self, database_id: UUID) -> None:
        """Whoever calls holds the server's lock: what is pending without a job has been left by a request that died.

        Raises SettingsBusy.
        """
        changes = ChangeRepository(self.session)
        for change in await changes.pending(database_id):
            if change.job_id is not None:
                raise SettingsBusy(change.job_id)
            problem = ChangeInterrupted(
                "Whoever made this change died over it. Some of its values may be set: undo it to be sure that none is."
            )
            await changes.settle(change, ChangeState.UNSETTLED, problem.document())

    async def begin(
        self, database: Database, plan: Plan, caller: Principal, action: str, *, undoes_id: UUID | None
    ) -> SettingChange:
        """The row, in `pending`."""
        change = SettingChange(
            project_id=database.project_id,
            database_id=database.id,
            logical_database=plan.scope.logical_database,
            role=plan.scope.role,
            before=plan.before,
            after=plan.after,
            undoes_id=undoes_id,
            created_by=caller.actor,
        )
        await ChangeRepository(self.session).add(change)
        audit(
            self.session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={
                "name": database.name,
                "change_id": encode_id("stc", change.id),
                "scope": str(plan.scope),
                "before": plan.before,
                "after": plan.after,
            },
        )
        return change

    async def start(self, database: Database, change: SettingChange, caller: Principal) -> Job:
        """The job that makes a change which takes a restart. Raises JobConflict, DatabaseStateInvalid, NotSupported."""
        provider = self.runtime.providers.get(database.provider)
        if provider is None or not provider.capabilities.restarts:
            raise NotSupported(database.provider, "restarted")
        args = change_of(database.id, change)
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=args.subject_id(),
            host_id=database.host_id,
            request_id=current_request_id(),
        )
        if database.state not in RESTARTABLE:
            raise DatabaseStateInvalid(database.id, database.state, "restarted")
        change.job_id = enqueued.job.id
        await self.session.flush()
        return enqueued.job

    async def settle(
        self, database: Database, change_id: UUID, state: ChangeState, problem: Problem | None = None
    ) -> SettingChange:
        change = await ChangeRepository(self.session).get(change_id, database.id, change=True)
        assert change is not None
        document = problem.document() if problem else None
        await ChangeRepository(self.session).settle(change, state, document)
        if state is ChangeState.APPLIED:
            tell(self.session, change)
        return change

    async def find(self, change_id: UUID, database_id: UUID, caller: Principal) -> SettingChange:
        """Raises DatabaseNotFound, ChangeNotFound."""
        await visible_database(self.session, database_id, caller)
        change = await ChangeRepository(self.session).get(change_id, database_id)
        if change is None:
            raise ChangeNotFound(change_id)
        return change


def tell(session: AsyncSession, change: SettingChange) -> None:
    emit(
        session,
        "settings.changed",
        project_id=change.project_id,
        database_id=change.database_id,
        subject_id=encode_id("stc", change.id),
        job_id=change.job_id,
        logical_database=change.logical_database,
        role=change.role,
        before=change.before,
        after=change.after,
    )


def scope_of(change: SettingChange) -> Scope:
    return Scope(change.logical_database, change.role)


def undoing(change: SettingChange, reading: Reading) -> Mapping[str, Any]:
    """The values that take it back. Raises ChangeNotUndoable where somebody has changed them since, or nothing is left."""
    if change.state in (ChangeState.UNDONE, ChangeState.FAILED):
        raise ChangeNotUndoable(f"Nothing of this change is left: it is {change.state}.", state=change.state)
    if change.state == ChangeState.APPLIED:
        others = not_in_force(reading, text_values(change.after), scope_of(change))
        if others:
            said = "; ".join(f"{name}: {reason}" for name, reason in others.items())
            raise ChangeNotUndoable(
                f"Somebody has changed these since: {said}. Set what you want instead.", settings=sorted(others)
            )
    return text_values(change.before)
