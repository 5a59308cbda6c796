"""Rows of the catalogue, looked up and added. None that is there already is changed."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import Database, DatabaseState, Environment, EnvironmentKind, Project
from app.databases.repository import ProjectRepository
from app.databases.service.projects import FIRST_ENVIRONMENT
from app.locations.holdings import Backup, BackupCopy
from app.locations.models import Location, LocationState
from app.storage.s3 import S3Location


@dataclass(frozen=True, slots=True)
class CatalogueRepository:
    session: AsyncSession

    async def project(self, project_id: UUID) -> Project | None:
        return await self.session.get(Project, project_id)

    async def add_project(self, project: Project) -> None:
        """With an environment, under a name that is free."""
        taken = select(Project.id).where(Project.name == project.name, col(Project.deleted_at).is_(None))
        if (await self.session.exec(taken)).first() is not None:
            project.name = f"{project.name[:54]}-{project.id.hex[-8:]}"
        self.session.add(project)
        await self.session.flush()
        await self.production(project.id)

    async def production(self, project_id: UUID) -> Environment:
        """Made when there is none."""
        environment = await ProjectRepository(self.session).production_of(project_id)
        if environment is None:
            environment = Environment(project_id=project_id, name=FIRST_ENVIRONMENT, kind=EnvironmentKind.PRODUCTION)
            self.session.add(environment)
            await self.session.flush()
        return environment

    async def location_at(self, project_id: UUID, at: S3Location) -> Location | None:
        query = select(Location).where(
            Location.project_id == project_id,
            Location.endpoint_url == at.endpoint_url,
            Location.bucket == at.bucket,
            Location.prefix == at.prefix,
            Location.state != LocationState.DELETED,
        )
        return (await self.session.exec(query)).one_or_none()

    async def has_location_named(self, project_id: UUID, name: str) -> bool:
        query = select(Location.id).where(
            Location.project_id == project_id, Location.name == name, Location.state != LocationState.DELETED
        )
        return (await self.session.exec(query)).first() is not None

    async def database(self, database_id: UUID) -> Database | None:
        return await self.session.get(Database, database_id)

    async def add_database(self, database: Database) -> None:
        """Under a name that is free in its environment."""
        taken = select(Database.id).where(
            Database.environment_id == database.environment_id,
            Database.name == database.name,
            Database.state != DatabaseState.DELETED,
        )
        if (await self.session.exec(taken)).first() is not None:
            database.name = f"{database.name[:54]}-{database.id.hex[-8:]}"
        self.session.add(database)
        await self.session.flush()

    async def backup(self, backup_id: UUID) -> Backup | None:
        return await self.session.get(Backup, backup_id)

    async def copy(self, backup_id: UUID, location_id: UUID) -> BackupCopy | None:
        return await self.session.get(BackupCopy, (backup_id, location_id))
