"""Decisions about making, adopting, restarting and deleting databases."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.databases.access import seal_password, visible_database
from app.databases.errors import DatabaseStateInvalid, ProjectNotFound
from app.databases.models import Database, DatabaseState, EnvironmentKind
from app.databases.repository import DatabaseRepository, ProjectRepository
from app.events.emit import emit
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.locations.repository import LocationRepository
from app.postgres.connect import Target as Server
from app.providers.protocol import NotSupported
from app.provisioning.errors import (
    ConfirmationMissing,
    DatabaseProtected,
    EnvironmentMissing,
    FinalBackupImpossible,
    ProviderUnknown,
)
from app.provisioning.schemas import (
    CreateDatabase,
    DeleteDatabase,
    ExternalDatabaseAdopt,
    LocalDatabaseCreate,
    RestartDatabase,
)
from app.provisioning.spec import DATABASE, USERNAME
from app.runtime import Runtime

PASSWORD_BYTES = 24

_RESTARTABLE = frozenset({DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE})
_DELETABLE = frozenset(DatabaseState) - {DatabaseState.DELETED, DatabaseState.CREATING}


@dataclass(frozen=True, slots=True)
class ProvisioningService:
    session: AsyncSession
    runtime: Runtime

    async def create(self, wish: LocalDatabaseCreate, caller: Principal) -> tuple[Database, Job]:
        """The row in `creating` and the job that makes the server. Raises ProviderUnknown, ToolMissing, NameTaken."""
        provider = self.runtime.providers.get(wish.provider)
        if provider is None:
            raise ProviderUnknown(wish.provider)
        self.runtime.toolchain.server(wish.major)  # a missing installation is known now, so it is no failed job
        database = await self._row(wish, caller)
        database.wanted_major = wish.major
        database.username, database.default_database = USERNAME, DATABASE
        database.host_id = self.runtime.host_id if provider.capabilities.bound_to_host else None
        password = SecretStr(secrets.token_urlsafe(PASSWORD_BYTES))
        database.password_sealed = seal_password(database.id, password, self.runtime.key_ring)
        await DatabaseRepository(self.session).add(database)
        job = await self._start(CreateDatabase(database_id=database.id), database, caller)
        self._audit(caller, "create_database", database)
        return database, job

    async def adopt(
        self, wish: ExternalDatabaseAdopt, server: Server, version: tuple[str, int], caller: Principal
    ) -> Database:
        """A row for a server that was reached just now. Raises NameTaken."""
        database = await self._row(wish, caller)
        database.state = DatabaseState.AVAILABLE
        database.host, database.port = server.host, server.port
        database.username, database.default_database = server.user, server.database
        database.tls_mode, database.ca_pem = server.tls, server.ca_pem
        database.password_sealed = seal_password(database.id, server.password, self.runtime.key_ring)
        database.server_version, database.server_major = version
        await DatabaseRepository(self.session).add(database)
        emit(
            self.session,
            "database.created",
            project_id=database.project_id,
            database_id=database.id,
            provider=database.provider,
            server_version=database.server_version,
        )
        self._audit(caller, "adopt_database", database)
        return database

    async def restart(self, database_id: UUID, caller: Principal, on_conflict: OnConflict) -> tuple[Database, Job]:
        database = await visible_database(self.session, database_id, caller)
        if not self.runtime.providers[database.provider].capabilities.restarts:
            raise NotSupported(database.provider, "restarted")
        job = await self._start(RestartDatabase(database_id=database.id), database, caller, on_conflict=on_conflict)
        await self._move(database, _RESTARTABLE, DatabaseState.RESTARTING, "restarted")
        self._audit(caller, "restart_database", database)
        return database, job

    async def delete(
        self, database_id: UUID, caller: Principal, *, confirm: str, final_backup: bool | None
    ) -> tuple[Database, Job]:
        """Raises DatabaseProtected, ConfirmationMissing, FinalBackupImpossible, JobConflict."""
        database = await visible_database(self.session, database_id, caller)
        if database.protected:
            raise DatabaseProtected
        if confirm != database.name:
            raise ConfirmationMissing(database.name)
        if final_backup is None:
            final_backup = await self._wants_final_backup(database)
        if final_backup and await LocationRepository(self.session).default_of(database.project_id) is None:
            raise FinalBackupImpossible("the project has no location to keep it in")
        before = DatabaseState(database.state)
        args = DeleteDatabase(database_id=database.id, final_backup=final_backup, state_before=before)
        job = await self._start(args, database, caller)
        await self._move(database, _DELETABLE, DatabaseState.DELETING, "deleted")
        self._audit(caller, "delete_database", database, final_backup=final_backup)
        return database, job

    async def _wants_final_backup(self, database: Database) -> bool:
        projects = ProjectRepository(self.session)
        environment = await projects.environment(database.environment_id, database.project_id)
        is_production = environment is not None and environment.kind == EnvironmentKind.PRODUCTION
        return is_production and database.state not in (DatabaseState.FAILED, DatabaseState.MISSING)

    async def _row(self, wish: LocalDatabaseCreate | ExternalDatabaseAdopt, caller: Principal) -> Database:
        projects = ProjectRepository(self.session)
        if await projects.get(wish.project_id, caller.project_ids, hold=True) is None:
            raise ProjectNotFound(wish.project_id)
        if wish.environment_id is None:
            environment = await projects.production_of(wish.project_id, hold=True)
        else:
            environment = await projects.environment(wish.environment_id, wish.project_id, hold=True)
        if environment is None:
            raise EnvironmentMissing(wish.environment_id)
        return Database(
            id=new_id(),
            project_id=wish.project_id,
            environment_id=environment.id,
            name=wish.name,
            provider=wish.provider,
            protected=wish.protected,
            labels=wish.labels,
            created_by=caller.actor,
        )

    async def _start(
        self,
        args: JobArgs,
        database: Database,
        caller: Principal,
        *,
        on_conflict: OnConflict = OnConflict.FAIL,
    ) -> Job:
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=encode_id("db", database.id),
            host_id=database.host_id,
            request_id=current_request_id(),
            on_conflict=on_conflict,
        )
        return enqueued.job

    async def _move(self, database: Database, frm: frozenset[DatabaseState], to: DatabaseState, action: str) -> None:
        if not await DatabaseRepository(self.session).move(database.id, frm=frm, to=to):
            raise DatabaseStateInvalid(database.id, database.state, action)
        await self.session.refresh(database)

    def _audit(self, caller: Principal, action: str, database: Database, **details: object) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"name": database.name, "provider": database.provider, **details},
        )
