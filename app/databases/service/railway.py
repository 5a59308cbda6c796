"""Which environments at Railway ours stand for, and asking for one there to be made or deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.databases.errors import (
    EnvironmentLinked,
    EnvironmentNotFound,
    EnvironmentNotLinked,
    HasDependents,
    ProjectNotFound,
)
from app.databases.models import Environment
from app.databases.repository import ProjectRepository
from app.events.emit import emit
from app.jobs.enqueue import enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.providers.railway.models import RailwayConnection
from app.railway.errors import ConnectionNotFound
from app.railway.repository import ConnectionRepository
from app.railway.schemas import CreateRailwayEnvironment, DeleteRailwayEnvironment, RailwayLink


@dataclass(frozen=True, slots=True)
class RailwayEnvironmentService:
    session: AsyncSession

    async def environment(
        self, project_id: UUID, environment_id: UUID, caller: Principal, *, change: bool = False
    ) -> Environment:
        """Raises ProjectNotFound, EnvironmentNotFound."""
        projects = ProjectRepository(self.session)
        if await projects.get(project_id, caller.project_ids) is None:
            raise ProjectNotFound(project_id)
        environment = await projects.environment(environment_id, project_id, change=change)
        if environment is None:
            raise EnvironmentNotFound(environment_id)
        return environment

    async def linked(self, environment_id: UUID, caller: Principal) -> tuple[Environment, RailwayConnection]:
        """With the token by which it is reached. Raises EnvironmentNotFound, EnvironmentNotLinked."""
        environment = await ProjectRepository(self.session).environment_of_any(environment_id, caller.project_ids)
        if environment is None:
            raise EnvironmentNotFound(environment_id)
        if environment.connection_id is None:
            raise EnvironmentNotLinked(environment_id)
        return environment, await self.session.get_one(RailwayConnection, environment.connection_id)

    async def connection(
        self, connection_id: UUID, caller: Principal, *, project_id: UUID | None = None
    ) -> RailwayConnection:
        """Of the project, if one is given: tokens are not lent. Raises ConnectionNotFound."""
        connection = await ConnectionRepository(self.session).get(connection_id, caller.project_ids)
        if connection is None or project_id not in (None, connection.project_id):
            raise ConnectionNotFound(connection_id)
        return connection

    async def link(
        self,
        project_id: UUID,
        environment_id: UUID,
        wish: RailwayLink,
        railway_project_id: str,
        caller: Principal,
    ) -> Environment:
        """To what the token was seen to read. Raises EnvironmentLinked, EnvironmentNotFound, ConnectionNotFound."""
        # Held, so that the token is not deleted meanwhile.
        connection = await ConnectionRepository(self.session).get(wish.connection_id, caller.project_ids, change=True)
        if connection is None or connection.project_id != project_id:
            raise ConnectionNotFound(wish.connection_id)
        environment = await self.environment(project_id, environment_id, caller, change=True)
        if await link(self.session, environment, wish.connection_id, railway_project_id, wish.railway_environment_id):
            self._audit("link_environment", environment, caller, wish.model_dump(mode="json"))
        return environment

    async def unlink(self, project_id: UUID, environment_id: UUID, caller: Principal) -> None:
        """Raises HasDependents while databases on Railway are in it."""
        environment = await self.environment(project_id, environment_id, caller, change=True)
        databases = await ProjectRepository(self.session).count_on_railway(environment_id=environment_id)
        if databases:
            raise HasDependents("environment", or_forget=True, databases_on_railway=databases)
        if environment.railway_environment_id is not None:
            details = {"railway_environment_id": environment.railway_environment_id}
            unlink(self.session, environment)
            self._audit("unlink_environment", environment, caller, details)

    async def start(
        self,
        args: CreateRailwayEnvironment | DeleteRailwayEnvironment,
        connection: RailwayConnection,
        caller: Principal,
        action: str,
    ) -> Job:
        """One job for a wish: who asks for the same again gets the job that is at it."""
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            project_id=connection.project_id,
            subject_id=args.subject_id(),
            dedupe_key=f"{args.kind}:{args.railway_project_id}:{args.name}",
            request_id=current_request_id(),
        )
        audit(
            self.session,
            caller,
            action,
            target_type="railway_connection",
            target_id=encode_id("rwc", connection.id),
            project_id=connection.project_id,
            details=args.model_dump(mode="json", exclude={"connection_id"}, exclude_none=True),
        )
        return enqueued.job

    async def require_empty(self, railway_environment_id: str, caller: Principal) -> None:
        """Raises HasDependents while a database of ours lives there, in whatever project."""
        databases = await ConnectionRepository(self.session).adopted(railway_environment_id)
        if databases:
            ids = [encode_id("db", database.id) for database in databases if caller.may_see(database.project_id)]
            raise HasDependents("environment at Railway", database_ids=ids, or_forget=True, databases=len(databases))

    def _audit(self, action: str, environment: Environment, caller: Principal, details: Mapping[str, Any]) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="environment",
            target_id=encode_id("env", environment.id),
            project_id=environment.project_id,
            details={"name": environment.name, **details},
        )


async def link(
    session: AsyncSession,
    environment: Environment,
    connection_id: UUID,
    railway_project_id: str,
    railway_environment_id: str,
    *,
    job_id: UUID | None = None,
) -> bool:
    """Makes a locked environment stand for one at Railway; False if it did already. Raises EnvironmentLinked.

    Another token for the same place is fine while no database of it has been placed by the old one.
    """
    wanted = (connection_id, railway_environment_id)
    if (environment.connection_id, environment.railway_environment_id) == wanted:
        return False
    if environment.railway_environment_id is not None:
        on_railway = await ProjectRepository(session).count_on_railway(environment_id=environment.id)
        if on_railway or environment.railway_environment_id != railway_environment_id:
            raise EnvironmentLinked(environment.id, environment.railway_environment_id)
    environment.connection_id = connection_id
    environment.railway_project_id, environment.railway_environment_id = railway_project_id, railway_environment_id
    environment.revision += 1
    _tell(session, "environment.linked", environment, job_id)
    return True


def unlink(session: AsyncSession, environment: Environment, *, job_id: UUID | None = None) -> None:
    _tell(session, "environment.unlinked", environment, job_id)
    environment.connection_id = None
    environment.railway_project_id = environment.railway_environment_id = None
    environment.revision += 1


def _tell(session: AsyncSession, kind: str, environment: Environment, job_id: UUID | None) -> None:
    assert environment.connection_id is not None
    emit(
        session,
        kind,
        project_id=environment.project_id,
        subject_id=encode_id("env", environment.id),
        job_id=job_id,
        connection_id=encode_id("rwc", environment.connection_id),
        railway_environment_id=environment.railway_environment_id,
    )
