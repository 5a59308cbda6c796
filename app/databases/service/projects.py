"""Making, changing and removing projects and environments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.databases.errors import EnvironmentNotFound, HasDependents, NameTaken, ProjectForbidden, ProjectNotFound
from app.databases.models import Environment, EnvironmentKind, Project
from app.databases.repository import ProjectRepository
from app.databases.schemas import EnvironmentCreate, EnvironmentUpdate, ProjectCreate, ProjectUpdate
from app.db.uniqueness import guarded
from app.kit.clock import Clock
from app.kit.etags import require_match
from app.kit.ids import encode_id

FIRST_ENVIRONMENT = "production"


@dataclass(frozen=True, slots=True)
class ProjectService:
    session: AsyncSession
    projects: ProjectRepository
    clock: Clock

    async def create(self, wish: ProjectCreate, caller: Principal) -> Project:
        """A project with its environment `production`. Raises ProjectForbidden, NameTaken."""
        if caller.project_ids is not None:
            raise ProjectForbidden
        project = Project(name=wish.name, created_by=caller.actor)
        async with guarded(self.session, _project_taken(project)):
            self.session.add(project)
        self._audit(caller, "create_project", project, {"name": project.name})
        await self._add_environment(project, FIRST_ENVIRONMENT, EnvironmentKind.PRODUCTION)
        return project

    async def get(self, project_id: UUID, caller: Principal, *, hold: bool = False, change: bool = False) -> Project:
        """Raises ProjectNotFound, also for one that the caller does not cover."""
        project = await self.projects.get(project_id, caller.project_ids, hold=hold, change=change)
        if project is None:
            raise ProjectNotFound(project_id)
        return project

    async def update(
        self, project_id: UUID, wish: ProjectUpdate, caller: Principal, *, if_match: str | None
    ) -> Project:
        """Raises NameTaken, PreconditionFailed."""
        project = await self.get(project_id, caller, change=True)
        require_match(if_match, project.revision)
        self._audit(caller, "update_project", project, {"before": project.name, "name": wish.name})
        async with guarded(self.session, {"uq_project_name": NameTaken("a project", wish.name)}):
            project.name = wish.name
            project.revision += 1
        return project

    async def delete(self, project_id: UUID, caller: Principal) -> None:
        """With its environments. Raises HasDependents while it has databases, locations or Railway connections."""
        project = await self.get(project_id, caller, change=True)
        databases = await self.projects.count_databases(project_id=project_id)
        locations = await self.projects.count_locations(project_id)
        connections = await self.projects.count_railway_connections(project_id)
        if databases or locations or connections:
            raise HasDependents("project", databases=databases, locations=locations, railway_connections=connections)
        await self.projects.delete_environments(project_id)
        project.deleted_at = self.clock()
        project.revision += 1
        self._audit(caller, "delete_project", project, {"name": project.name})

    async def create_environment(self, project_id: UUID, wish: EnvironmentCreate, caller: Principal) -> Environment:
        """Raises NameTaken."""
        project = await self.get(project_id, caller, hold=True)
        environment = await self._add_environment(project, wish.name, wish.kind)
        self._audit_environment(caller, "create_environment", environment)
        return environment

    async def get_environment(
        self, project_id: UUID, environment_id: UUID, caller: Principal, *, change: bool = False
    ) -> Environment:
        """Raises ProjectNotFound, EnvironmentNotFound."""
        await self.get(project_id, caller)
        environment = await self.projects.environment(environment_id, project_id, change=change)
        if environment is None:
            raise EnvironmentNotFound(environment_id)
        return environment

    async def update_environment(
        self,
        project_id: UUID,
        environment_id: UUID,
        wish: EnvironmentUpdate,
        caller: Principal,
        *,
        if_match: str | None,
    ) -> Environment:
        """Raises NameTaken, PreconditionFailed."""
        environment = await self.get_environment(project_id, environment_id, caller, change=True)
        require_match(if_match, environment.revision)
        async with guarded(self.session, _environment_taken(wish.name or environment.name)):
            environment.name = wish.name or environment.name
            environment.kind = wish.kind or environment.kind
            environment.revision += 1
        self._audit_environment(caller, "update_environment", environment)
        return environment

    async def delete_environment(self, project_id: UUID, environment_id: UUID, caller: Principal) -> None:
        """Raises HasDependents while it has databases."""
        environment = await self.get_environment(project_id, environment_id, caller, change=True)
        databases = await self.projects.count_databases(environment_id=environment_id)
        if databases:
            raise HasDependents("environment", databases=databases)
        environment.deleted_at = self.clock()
        environment.revision += 1
        self._audit_environment(caller, "delete_environment", environment)

    async def _add_environment(self, project: Project, name: str, kind: EnvironmentKind) -> Environment:
        environment = Environment(project_id=project.id, name=name, kind=kind)
        async with guarded(self.session, _environment_taken(name)):
            self.session.add(environment)
        return environment

    def _audit(self, caller: Principal, action: str, project: Project, details: Mapping[str, Any]) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="project",
            target_id=encode_id("prj", project.id),
            project_id=project.id,
            details=details,
        )

    def _audit_environment(self, caller: Principal, action: str, environment: Environment) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="environment",
            target_id=encode_id("env", environment.id),
            project_id=environment.project_id,
            details={"name": environment.name, "kind": environment.kind},
        )


def _project_taken(project: Project) -> dict[str, NameTaken]:
    return {"uq_project_name": NameTaken("a project", project.name)}


def _environment_taken(name: str) -> dict[str, NameTaken]:
    return {"uq_environment_project_id_name": NameTaken("an environment", name)}
