"""Reading and changing databases as records; the servers behind them are made and removed by provisioning."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.databases.access import target_for_applications, visible_database
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid, LabelNotApplicable, NameTaken
from app.databases.models import Database, DatabaseState, ProviderName
from app.databases.reach import address
from app.databases.repository import DatabaseRepository
from app.databases.schemas import DatabaseUpdate
from app.databases.variables import variables_of
from app.db.uniqueness import guarded
from app.events.emit import emit
from app.jobs.lanes import relabel
from app.kit.clock import Clock
from app.kit.etags import require_match
from app.kit.ids import encode_id
from app.kit.sealing import KeyRing
from app.settings import Settings

_GONE = (DatabaseState.DELETING, DatabaseState.DELETED)


@dataclass(frozen=True, slots=True)
class DatabaseService:
    session: AsyncSession
    key_ring: KeyRing
    clock: Clock
    settings: Settings

    async def update(
        self, database_id: UUID, wish: DatabaseUpdate, caller: Principal, *, if_match: str | None
    ) -> Database:
        """Raises NameTaken, PreconditionFailed, LabelNotApplicable, DatabaseStateInvalid once it is being deleted."""
        database = await DatabaseRepository(self.session).get(database_id, caller.project_ids, change=True)
        if database is None:
            raise DatabaseNotFound(database_id)
        if database.state in _GONE:
            raise DatabaseStateInvalid(database_id, database.state, "changed")
        require_match(if_match, database.revision)
        changes = wish.model_dump(exclude_none=True)
        if "worker_label" in wish.model_fields_set:
            changes["worker_label"] = wish.worker_label
            if database.provider != ProviderName.RAILWAY:
                raise LabelNotApplicable(database.provider)
        taken = NameTaken("a database", wish.name or database.name)
        async with guarded(self.session, {"uq_database_environment_id_name": taken}):
            database.sqlmodel_update(changes)
            database.updated_at = self.clock()
            database.revision += 1
        if "worker_label" in changes:
            address(database, self.settings)
            await self.session.flush()
            await relabel(self.session, database.id)
        self._audit(caller, "update_database", database, changes)
        emit(
            self.session,
            "database.updated",
            project_id=database.project_id,
            database_id=database.id,
            subject_id=encode_id("db", database.id),
            changed=sorted(changes),
        )
        return database

    async def variables(self, database_id: UUID, caller: Principal, *, reveal: bool) -> dict[str, str]:
        """Passwords only to who may see them, and then it is written down. Raises ScopeMissing, DatabaseNotReady."""
        if reveal:
            caller.require(Scope.SECRETS_REVEAL)
        database = await visible_database(self.session, database_id, caller)
        variables = variables_of(target_for_applications(database, self.key_ring), reveal=reveal)
        if reveal:
            self._audit(caller, "reveal_database_variables", database, {})
        return variables

    def _audit(self, caller: Principal, action: str, database: Database, details: dict[str, object]) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details=details,
        )
