"""What callers ask of provisioning, and the jobs that do it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.auth.scopes import Scope
from app.databases.models import DatabaseState
from app.databases.schemas import DatabaseName, DatabaseView, Labels
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, EnvironmentId, ProjectId, encode_id
from app.kit.names import Text


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    project_id: ProjectId
    environment_id: EnvironmentId | None = Field(default=None, description="The project's `production` when not given.")
    name: DatabaseName
    protected: bool = False
    labels: Labels = Field(default_factory=dict)


class LocalDatabaseCreate(_Wish):
    """A new server on the machine of this service."""

    provider: Literal["local"]
    major: int | None = Field(default=None, ge=13, le=18, description="PostgreSQL major; the best one here by default.")


class ExternalDatabaseAdopt(_Wish):
    """A server that somebody else runs. It is checked, and never altered as a server."""

    provider: Literal["external"]
    connection_string: SecretStr = Field(
        description="URI or keywords with host, port, database, user, password and sslmode; nothing else is accepted."
    )
    ca_pem: Text | None = Field(
        default=None, max_length=65_536, description="Root certificate for verify-ca, verify-full."
    )


DatabaseCreate = Annotated[LocalDatabaseCreate | ExternalDatabaseAdopt, Field(discriminator="provider")]


class DatabaseAccepted(BaseModel):
    """The database as it is now, and the job that changes it; an adopted one is ready at once and has no job."""

    database: DatabaseView
    job: JobView | None


class _DatabaseJob(BaseModel):
    database_id: DatabaseId

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class CreateDatabase(
    _DatabaseJob, JobArgs, kind="database.create", conflict=ConflictClass.LIFECYCLE, scope=Scope.DATABASES_WRITE
):
    pass


class RestartDatabase(
    _DatabaseJob, JobArgs, kind="database.restart", conflict=ConflictClass.RESTART, scope=Scope.DATABASES_OPERATE
):
    pass


class DeleteDatabase(
    _DatabaseJob,
    JobArgs,
    kind="database.delete",
    conflict=ConflictClass.LIFECYCLE,
    scope=Scope.DATABASES_WRITE,
    cancellable=False,
):
    """``state_before`` is what the database returns to when nothing was destroyed."""

    final_backup: bool
    state_before: DatabaseState = DatabaseState.AVAILABLE
