"""Projects, environments and databases as callers see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.auth.schemas import View
from app.databases.models import Database, DatabaseState, Environment, EnvironmentKind, Project, ProviderName
from app.kit.age import Recipient
from app.kit.ids import DatabaseId, EnvironmentId, ProjectId, RailwayConnectionId
from app.kit.names import STORABLE, Name, PostgresName
from app.postgres.connect import TlsMode
from app.postgres.logical_databases import LogicalDatabase
from app.providers.railway.place import Place
from app.railway.schemas import RailwayId

DatabaseName = Name

_LABEL_KEY = r"^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?$"
LabelKey = Annotated[str, Field(min_length=1, max_length=63, pattern=_LABEL_KEY)]
LabelValue = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Labels = Annotated[dict[LabelKey, LabelValue], Field(max_length=32, examples=[{"team": "shop"}])]


class ProjectCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name


class ProjectUpdate(ProjectCreate):
    pass


class ProjectView(View):
    id: ProjectId
    name: str
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls.model_validate(project.model_dump())


def _recipient(text: str) -> str:
    return str(Recipient.parse(text))


class EscrowRecipient(BaseModel):
    """The public half of a stock age key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipient: Annotated[
        str,
        Field(
            max_length=100,
            description="As `age-keygen` prints it. Keys of other kinds (ssh, passphrases, plugins) are refused.",
            examples=["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"],
        ),
        AfterValidator(_recipient),
    ]
    name: Name = Field(description="Whose key it is, or where its secret half lies.")


def _distinct(recipients: list[EscrowRecipient]) -> list[EscrowRecipient]:
    if len({one.recipient for one in recipients}) < len(recipients):
        raise ValueError("a recipient is given twice")
    return recipients


class EscrowPut(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    recipients: Annotated[list[EscrowRecipient], Field(max_length=20), AfterValidator(_distinct)]


class EscrowView(View):
    installation: str = Field(description="The recipient of this installation, to which everything is encrypted, too.")
    recipients: list[EscrowRecipient]


class EnvironmentCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    kind: EnvironmentKind


class EnvironmentUpdate(BaseModel):
    """Members that are absent or null stay as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = None
    kind: EnvironmentKind | None = None


class EnvironmentView(View):
    id: EnvironmentId
    project_id: ProjectId
    name: str
    kind: EnvironmentKind
    connection_id: RailwayConnectionId | None = Field(
        description="The token by which the environment at Railway is reached that this one stands for; null: it stands for none."
    )
    railway_project_id: RailwayId | None
    railway_environment_id: RailwayId | None
    created_at: datetime

    @classmethod
    def of(cls, environment: Environment) -> Self:
        return cls.model_validate(environment.model_dump())


class Network(StrEnum):
    """How one job gets to a server that is private to its environment on Railway."""

    TEMPORARY_PUBLIC = "temporary_public"


NetworkWish = Annotated[
    Network | None,
    Field(
        description="`temporary_public`: open a public address on Railway for this job alone and close it when the job ends. "
        "The server restarts once, and what leaves by the address is billed as egress.",
    ),
]

WorkerLabel = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$")]


class DatabaseUpdate(BaseModel):
    """Members that are absent or null stay as they are, but for `worker_label`; labels are replaced as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: DatabaseName | None = None
    protected: bool | None = Field(default=None, description="A protected database cannot be deleted.")
    labels: Labels | None = None
    worker_label: WorkerLabel | None = Field(
        default=None,
        description="Of databases on Railway: workers that run in the same environment, `pgmanager worker --label`, do what "
        "needs the server. Null ends that.",
    )


class RailwayPlaceView(View):
    """Where on Railway a database is, as it was seen last. Ids are Railway's, but for that of the connection."""

    connection_id: RailwayConnectionId
    project_id: RailwayId
    environment_id: RailwayId
    service_id: RailwayId | None = Field(description="Null until the service is made.")
    service_name: str | None
    volume_id: RailwayId | None
    region: str | None
    image: str | None
    public_host: str | None = Field(description="Null while public access is off.")
    public_port: int | None
    private_host: str | None

    @classmethod
    def of(cls, database: Database) -> Self | None:
        if database.provider != ProviderName.RAILWAY or not database.provider_data:
            return None
        return cls.model_validate(Place.of(database.provider_data), from_attributes=True)


class DatabaseView(View):
    id: DatabaseId
    project_id: ProjectId
    environment_id: EnvironmentId
    name: str
    provider: ProviderName
    state: DatabaseState
    state_reason: str | None
    server_version: str | None
    host: str | None = Field(description="Null until the server has an address, and while nothing reaches it.")
    port: int | None
    default_database: str | None
    username: str | None
    tls_mode: TlsMode | None
    reach: str | None = Field(
        description="Of a database on Railway: `private`, where this service runs in its environment, `public`, "
        "`worker:` and the label, or `none`. Null elsewhere.",
        examples=["public", "worker:frankfurt"],
    )
    worker_label: str | None
    protected: bool
    labels: dict[str, str]
    created_by: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    railway: RailwayPlaceView | None = Field(default=None, description="Null for other providers.")

    @classmethod
    def of(cls, database: Database) -> Self:
        view = cls.model_validate(database, from_attributes=True)
        reach = f"worker:{view.worker_label}" if view.reach == "worker" else view.reach
        return view.model_copy(update={"reach": reach, "railway": RailwayPlaceView.of(database)})


class VariablesSource(StrEnum):
    OWN = "own"  # composed of what we log in with
    RAILWAY = "railway"


class VariablesView(View):
    """What applications read to connect, under the names of Railway's own template."""

    variables: dict[str, str]
    revealed: bool = Field(description="False: passwords are written as `***`.")


class LogicalDatabaseView(View):
    name: str
    owner: str
    encoding: str
    collation: str
    size_bytes: int | None = Field(description="Null where our login may not connect.")
    connection_limit: int | None = Field(description="Null: as many as the server takes.")
    comment: str | None

    @classmethod
    def of(cls, found: LogicalDatabase) -> Self:
        return cls.model_validate(found, from_attributes=True)


class LogicalDatabasePut(BaseModel):
    """Encoding, locale and template are chosen at creation and stay. Left out, the owner stays, and the rest is the default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    owner: PostgresName | None = Field(default=None, description="A role; our login for a new one by default.")
    encoding: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")] | None = None
    locale: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@-]{1,64}$")] | None = None
    template: PostgresName | None = Field(default=None, description="`template0` where an encoding or locale is given.")
    connection_limit: int | None = Field(default=None, ge=0, le=262_143)
    comment: Annotated[str, Field(max_length=1000), STORABLE] | None = None


class LogicalDatabasesView(View):
    """A reading of the server, not of a list that we keep: it comes whole, and is as old as `taken_at`."""

    data: list[LogicalDatabaseView]
    taken_at: datetime

    @classmethod
    def of(cls, found: list[LogicalDatabase], taken_at: datetime) -> Self:
        views = [LogicalDatabaseView.of(entry) for entry in found]
        return cls(data=views, taken_at=taken_at)


@dataclass(frozen=True, slots=True)
class DatabaseFilter:
    """Which databases a list shows; every given condition must hold. Without ``states`` all but deleted ones."""

    project_id: UUID | None = None
    environment_id: UUID | None = None
    states: list[DatabaseState] | None = None
    provider: ProviderName | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
