"""What callers ask of a database's service at Railway, what they are told first, and the jobs that do it."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.databases.schemas import DatabaseView
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, encode_id
from app.kit.names import STORABLE, Name
from app.providers.railway.prices import CostEstimate

MB_OF_TB = 1_000_000
DEADLINE_SECONDS = 3600.0

VariableName = Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", examples=["SSL_CERT_DAYS"])]
VariableValue = Annotated[str, Field(max_length=32_768), STORABLE]


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Commit(_Wish):
    force: bool = Field(
        default=False,
        description="Also while changes that others have staged wait in the environment. Needs the scope `railway:force`.",
    )


class PublicAccess(_Commit):
    enabled: bool


class Resize(_Commit):
    volume_size_mb: int = Field(gt=0, le=MB_OF_TB, description="More than the volume has: it only grows.")


class LimitsChange(_Wish):
    """What is absent or null stays as it is."""

    memory_gb: float | None = Field(default=None, gt=0, le=1024, allow_inf_nan=False)
    vcpus: float | None = Field(default=None, gt=0, le=1024, allow_inf_nan=False)
    redeploy: bool = Field(
        default=False, description="Limits hold from the next deployment on; this makes one, an outage."
    )


class ServiceRename(_Wish):
    name: Name
    break_references: bool = Field(
        default=False,
        description="Rename it although variables refer to it that are not rewritten, those of other environments.",
    )


class VariablesChange(_Wish):
    """Variables that are named in neither stay as they are."""

    set: dict[VariableName, VariableValue] = Field(default_factory=dict, max_length=100)
    unset: list[VariableName] = Field(default_factory=list, max_length=100)
    redeploy: bool = Field(
        default=False, description="The server sees them from its next deployment on; this makes one, an outage."
    )

    @model_validator(mode="after")
    def _once_each(self) -> "VariablesChange":
        if twice := sorted(self.set.keys() & set(self.unset)):
            raise ValueError(f"{', '.join(twice)} cannot be both set and unset")
        return self


class ReferenceView(View):
    """A variable that reads one of the database's."""

    environment: str
    service: str | None = Field(description="Null: a variable that the environment shares with all its services.")
    variable: str
    reads: str = Field(examples=["DATABASE_URL"])
    rewritten: bool = Field(description="Whether the job writes the new name into it.")


class ChangePlan(View):
    """What the job does. With `dry_run=true` nothing but this happens."""

    steps: list[str]
    outage: str | None = Field(description="Null: the server goes on answering.")
    warnings: list[str]
    cost: CostEstimate | None = Field(description="An estimate of what it will cost by the month; null: as before.")
    references: list[ReferenceView]


class ChangeAccepted(BaseModel):
    """The database as it is now, the job that changes it, and what the job does."""

    database: DatabaseView
    job: JobView
    plan: ChangePlan


class _DatabaseJob(BaseModel):
    database_id: DatabaseId

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class _CommitJob(_DatabaseJob):
    """``force``: whatever others have staged."""

    scope: ClassVar[str]

    force: bool = False

    def scopes(self) -> tuple[str, ...]:
        return (self.scope, Scope.RAILWAY_FORCE) if self.force else (self.scope,)


class ChangePublicAccess(
    _CommitJob,
    JobArgs,
    kind="database.public-access",
    conflict=ConflictClass.RESTART,
    scope=Scope.DATABASES_WRITE,
    connects=False,  # while nothing reaches the server, too: this is how that ends
    deadline_seconds=DEADLINE_SECONDS,
):
    enabled: bool


class RedeployDatabase(
    _DatabaseJob,
    JobArgs,
    kind="database.redeploy",
    conflict=ConflictClass.RESTART,
    scope=Scope.DATABASES_OPERATE,
    deadline_seconds=DEADLINE_SECONDS,
):
    pass


class ResizeDatabase(
    _CommitJob,
    JobArgs,
    kind="database.resize",
    conflict=ConflictClass.CHANGE,
    scope=Scope.DATABASES_WRITE,
    deadline_seconds=DEADLINE_SECONDS,
):
    volume_size_mb: int


class LimitDatabase(
    _DatabaseJob,
    JobArgs,
    kind="database.limit",
    conflict=ConflictClass.CHANGE,
    scope=Scope.DATABASES_WRITE,
    deadline_seconds=DEADLINE_SECONDS,
):
    memory_gb: float | None
    vcpus: float | None
    redeploy: bool


class RenameService(
    _DatabaseJob,
    JobArgs,
    kind="database.rename-service",
    conflict=ConflictClass.CHANGE,
    scope=Scope.DATABASES_WRITE,
    deadline_seconds=DEADLINE_SECONDS,
):
    name: str
    old_name: str


class ChangeVariables(
    _DatabaseJob,
    JobArgs,
    kind="database.variables",
    conflict=ConflictClass.CHANGE,
    scope=Scope.CONNECTIONS_WRITE,
    deadline_seconds=DEADLINE_SECONDS,
):
    """``sealed`` holds the values to set, since a job's arguments are no place for what may be a secret."""

    sealed: str
    unset: list[str]
    redeploy: bool
