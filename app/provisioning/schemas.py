"""What callers ask of provisioning, and the jobs that do it."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from app.auth.scopes import Scope
from app.databases.models import DatabaseState
from app.databases.schemas import DatabaseName, DatabaseView, Labels, WorkerLabel
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, EnvironmentId, ProjectId, RailwayConnectionId, encode_id
from app.kit.names import Text
from app.providers.railway.inventory import is_postgres
from app.providers.railway.options import LEAST_VOLUME_MB, RailwayOptions, ServiceName
from app.providers.railway.prices import CostEstimate
from app.railway.schemas import RailwayId


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


class _AtRailway(_Wish):
    connection_id: RailwayConnectionId = Field(description="The token to do it with, of the same project.")
    railway_project_id: RailwayId | None = Field(
        default=None,
        description="Of Railway. The one that the environment is linked to, or the project token's, by default.",
    )
    railway_environment_id: RailwayId | None = Field(
        default=None,
        description="The same for Railway's environment. The first database links our environment to it.",
    )
    worker_label: WorkerLabel | None = Field(
        default=None, description="Workers of this label run in Railway's environment and reach its private network."
    )


class RailwayDatabaseCreate(_AtRailway):
    """A new service with a volume at Railway.

    Without a major, name, region, image or size it is Railway's own template; with any of them a service of the same
    shape.
    """

    provider: Literal["railway"]
    public_access: bool = Field(
        default=False, description="Give it a public address at once; without one only what runs beside it reaches it."
    )
    major: int | None = Field(default=None, ge=13, le=18, description="PostgreSQL major; the template's by default.")
    service_name: ServiceName | None = Field(default=None, description="At Railway, where it must be free.")
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,64}$")] | None = Field(
        default=None, description="A name of `GET /v1/railway-connections/{id}/regions`; Railway's default otherwise."
    )
    image: Annotated[str, Field(pattern=r"^[a-z0-9][a-zA-Z0-9._/:@-]{2,254}$")] | None = Field(
        default=None, description="Another image than Railway's own, such as one with PostGIS."
    )
    volume_size_mb: int | None = Field(
        default=None, ge=LEAST_VOLUME_MB, le=1_000_000, description="It only ever grows."
    )
    force: bool = Field(
        default=False,
        description="Also while somebody's staged changes wait in Railway's environment; needs the scope `railway:force`.",
    )

    @model_validator(mode="after")
    def _one_version(self) -> Self:
        if self.image is not None and self.major is not None:
            raise ValueError("an image has its major in its tag: give one of the two")
        if self.image is not None and not is_postgres(self.image):
            raise ValueError("the image's name does not say that it is PostgreSQL: postgres, postgis or timescale")
        return self

    def options(self) -> RailwayOptions:
        wished = RailwayOptions.model_validate(self.model_dump(include=set(RailwayOptions.model_fields)))
        if wished.takes_template(self.major) or wished.service_name is not None:
            return wished
        # What is made by a patch of our own has to get a name from us.
        return wished.model_copy(update={"service_name": self.name})


class RailwayServiceAdopt(_AtRailway):
    """A service at Railway that runs PostgreSQL already. It is looked at, and nothing of it is changed."""

    provider: Literal["railway-service"]
    service_id: RailwayId


DatabaseCreate = Annotated[
    LocalDatabaseCreate | ExternalDatabaseAdopt | RailwayDatabaseCreate | RailwayServiceAdopt,
    Field(discriminator="provider"),
]


class RailwayPlan(BaseModel):
    """What creating it makes at Railway. Ids are Railway's to give, so none is known before."""

    path: Literal["template", "patch"] = Field(
        description="Railway's official template, or one patch of the environment's configuration of the same shape."
    )
    railway_project_id: RailwayId
    railway_environment_id: RailwayId
    service_name: str | None = Field(description="Null: the template's own, with an ending when that is taken.")
    image: str | None = Field(description="Null: the template's own.")
    region: str | None = Field(description="Null: Railway's default.")
    volume_size_mb: int | None = Field(description="Null: what the plan gives.")
    public_access: bool
    cost: CostEstimate


class DeletionPlan(BaseModel):
    """What a deletion does. The ids, of Railway, say what goes there; they are null where nothing does."""

    steps: list[str]
    warnings: list[str]
    final_backup: bool
    keep_server: bool
    railway_project_id: RailwayId | None = None
    railway_environment_id: RailwayId | None = None
    service_id: RailwayId | None = None
    service_name: str | None = None
    volume_id: RailwayId | None = None
    recoverable_hours: int | None = Field(
        default=None, description="For how long Railway can bring the volume back, once it is deleted."
    )


class DatabaseAccepted(BaseModel):
    """The database as it is now, and the job that changes it; an adopted one is ready at once and has no job."""

    database: DatabaseView
    job: JobView | None
    railway: RailwayPlan | None = Field(default=None, description="For a new one at Railway: what will be made there.")
    plan: DeletionPlan | None = Field(default=None, description="For a deletion: what goes, and what stays.")


class _DatabaseJob(BaseModel):
    database_id: DatabaseId

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class CreateDatabase(
    _DatabaseJob, JobArgs, kind="database.create", conflict=ConflictClass.LIFECYCLE, scope=Scope.DATABASES_WRITE
):
    railway: RailwayOptions | None = None

    def scopes(self) -> tuple[str, ...]:
        forced = self.railway is not None and self.railway.force
        return (self.scope, Scope.RAILWAY_FORCE) if forced else (self.scope,)


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
    connects=False,
    cancellable=False,
):
    """``state_before`` is what the database returns to when nothing was destroyed."""

    final_backup: bool
    keep_server: bool = False
    state_before: DatabaseState = DatabaseState.AVAILABLE
