"""Decisions about making, adopting, restarting and deleting databases."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.connections.poolers import live_pooler
from app.databases.access import seal_password, visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState, Environment, EnvironmentKind, ProviderName
from app.databases.reach import Reach, address
from app.databases.repository import DatabaseRepository, ProjectRepository
from app.databases.service.railway import link
from app.databases.spec import DATABASE, USERNAME
from app.db.locks import lock_key, lock_until_commit
from app.events.emit import emit
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.locations.repository import LocationRepository
from app.postgres.connect import Target as Server
from app.postgres.connect import TlsMode
from app.providers.protocol import NotSupported
from app.providers.railway.place import Place
from app.provisioning.adopting import Adoptee
from app.provisioning.deleting import deletion_plan
from app.provisioning.errors import (
    ConfirmationMissing,
    ConnectionMissing,
    DatabaseProtected,
    FinalBackupImpossible,
    PoolerInTheWay,
    ProviderUnknown,
    ServerUnattended,
    ServiceAdopted,
)
from app.provisioning.schemas import (
    CreateDatabase,
    DatabaseCreate,
    DeleteDatabase,
    DeletionPlan,
    ExternalDatabaseAdopt,
    LocalDatabaseCreate,
    RailwayDatabaseCreate,
    RailwayServiceAdopt,
    RestartDatabase,
)
from app.provisioning.sites import Site, environment_of, require_link
from app.railway.repository import ConnectionRepository
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

    async def create_at_railway(
        self, wish: RailwayDatabaseCreate, site: Site, caller: Principal
    ) -> tuple[Database, Job]:
        """The same for a service at Railway; the first one links the environment. ``site`` was read just now.

        Raises EnvironmentLinkedElsewhere, NameTaken.
        """
        database = await self._row_at(wish, site.place, caller)
        database.wanted_major = wish.major
        database.username, database.default_database = USERNAME, DATABASE
        # It is what the service is recognised by, so it stands here before anything is made.
        password = SecretStr(secrets.token_urlsafe(PASSWORD_BYTES))
        database.password_sealed = seal_password(database.id, password, self.runtime.key_ring)
        await DatabaseRepository(self.session).add(database)
        job = await self._start(CreateDatabase(database_id=database.id, railway=wish.options()), database, caller)
        self._audit(caller, "create_database", database, railway_environment_id=site.state.id)
        return database, job

    async def adopt_service(self, wish: RailwayServiceAdopt, adoptee: Adoptee, caller: Principal) -> Database:
        """A row for a service that was looked at just now. Raises ServiceAdopted, EnvironmentLinkedElsewhere, NameTaken."""
        await self._require_unadopted(adoptee.place, caller)
        database = await self._row_at(wish, adoptee.place, caller)
        database.state, database.state_reason = DatabaseState.AVAILABLE, adoptee.remark
        database.username, database.default_database = adoptee.login.username, adoptee.login.database
        database.password_sealed = seal_password(database.id, adoptee.login.password, self.runtime.key_ring)
        database.server_version, database.server_major = adoptee.version or (None, None)
        return await self._adopted(database, caller)

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
        return await self._adopted(database, caller)

    async def _adopted(self, database: Database, caller: Principal) -> Database:
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
        self,
        database_id: UUID,
        caller: Principal,
        *,
        confirm: str | None,
        final_backup: bool | None,
        keep_server: bool = False,
    ) -> tuple[Database, Job, DeletionPlan]:
        """``confirm`` is None where nobody has to. With ``keep_server`` the database is only forgotten.

        Raises DatabaseProtected, ServerUnattended, ConfirmationMissing, FinalBackupImpossible, PoolerInTheWay,
        JobConflict.
        """
        database = await visible_database(self.session, database_id, caller)
        if database.protected:
            raise DatabaseProtected
        if keep_server and self.runtime.providers[database.provider].capabilities.bound_to_host:
            raise ServerUnattended(database.provider)
        if confirm not in (None, database.name):
            raise ConfirmationMissing(database.name, keep_server=keep_server)
        if final_backup is None:
            final_backup = not keep_server and await self._wants_final_backup(database)
        if final_backup and await LocationRepository(self.session).default_of(database.project_id) is None:
            raise FinalBackupImpossible("the project has no location to keep it in")
        if final_backup and database.reach == Reach.NONE:
            raise FinalBackupImpossible(
                "nothing here reaches its server, which is private to its environment on Railway"
            )
        if (
            database.provider == ProviderName.RAILWAY
            and not keep_server
            and await live_pooler(self.session, database.id)
        ):
            raise PoolerInTheWay(database.id)
        before = DatabaseState(database.state)
        args = DeleteDatabase(
            database_id=database.id, final_backup=final_backup, keep_server=keep_server, state_before=before
        )
        job = await self._start(args, database, caller)
        await self._move(database, _DELETABLE, DatabaseState.DELETING, "deleted")
        self._audit(caller, "delete_database", database, final_backup=final_backup, kept=keep_server)
        return database, job, deletion_plan(database, args)

    async def _wants_final_backup(self, database: Database) -> bool:
        projects = ProjectRepository(self.session)
        environment = await projects.environment(database.environment_id, database.project_id)
        is_production = environment is not None and environment.kind == EnvironmentKind.PRODUCTION
        return is_production and database.state not in (DatabaseState.FAILED, DatabaseState.MISSING)

    async def _row(self, wish: DatabaseCreate, caller: Principal) -> Database:
        return _row_of(wish, await environment_of(self.session, wish, caller, hold=True), caller)

    async def _row_at(
        self, wish: RailwayDatabaseCreate | RailwayServiceAdopt, place: Place, caller: Principal
    ) -> Database:
        """Links the environment to Railway's unless it is. Raises EnvironmentLinkedElsewhere, ConnectionMissing."""
        # Before the environment, so that two who add to it at once do not wait for each other.
        if await ConnectionRepository(self.session).get(place.connection_id, None, change=True) is None:
            raise ConnectionMissing(place.connection_id)
        environment = await environment_of(self.session, wish, caller, change=True)
        require_link(environment, place.connection_id, place.environment_id)
        await link(self.session, environment, place.connection_id, place.project_id, place.environment_id)
        database = _row_of(wish, environment, caller)
        database.provider_data, database.worker_label = place.data(), wish.worker_label
        database.tls_mode = TlsMode.REQUIRE
        address(database, self.runtime.settings)
        return database

    async def _require_unadopted(self, place: Place, caller: Principal) -> None:
        """Two at once wait for each other here."""
        await lock_until_commit(self.session, lock_key("railway-service", place.environment_id, place.service_id))
        for known in await ConnectionRepository(self.session).adopted(place.environment_id):
            if known.service_id == place.service_id:
                visible = caller.project_ids is None or known.project_id in caller.project_ids
                raise ServiceAdopted(known.id if visible else None)

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


def _row_of(wish: DatabaseCreate, environment: Environment, caller: Principal) -> Database:
    adopts = isinstance(wish, RailwayServiceAdopt)
    return Database(
        id=new_id(),
        project_id=environment.project_id,
        environment_id=environment.id,
        name=wish.name,
        provider=ProviderName.RAILWAY if adopts else wish.provider,
        protected=wish.protected,
        labels=wish.labels,
        created_by=caller.actor,
    )
