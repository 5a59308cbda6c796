"""The network of a database as callers see it, and the jobs that open and close it."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.databases.reach import Reach
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import CredentialId, DatabaseId, JobId, encode_id
from app.kit.names import STORABLE, PostgresName
from app.postgres.presets import RolePreset

DEADLINE_SECONDS = 3600.0
LONGEST_MINUTES = 24 * 60


class AddressView(View):
    host: str
    port: int


class PublicReader(View):
    """A variable of a service that holds the public address."""

    service: str | None = Field(description="Null: a variable that the environment shares with all its services.")
    variable: str


class WindowView(View):
    """Public access that ends by itself."""

    close_at: datetime
    closes_access: bool = Field(description="False: the server was public before, and stays so.")
    reason: str | None
    created_by: str
    job_id: JobId
    credential_id: CredentialId | None = Field(description="The temporary credential that was made for it.")


class NetworkView(View):
    reach: Reach | None = Field(description="How this service gets to the server; null where that is no question.")
    private: AddressView | None = Field(description="Resolves inside the database's own environment only.")
    public: AddressView | None = Field(
        description="Null while public access is off. Its port is another one each time."
    )
    window: WindowView | None = Field(description="Null: public access stays as it is.")
    public_readers: list[PublicReader] = Field(description="Who would be cut off without public access.")
    observed_at: datetime | None = Field(description="When the variables of the environment were looked at.")


class CredentialWish(BaseModel):
    """A login that ends with the window. Its password is told by `POST …/connection-strings` with `role` and `reveal`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: Literal[RolePreset.READ, RolePreset.WRITE, RolePreset.MIGRATE, RolePreset.MONITOR] = RolePreset.READ
    logical_database: PostgresName | None = Field(default=None, description="Null: the default one.")


class NetworkPatch(BaseModel):
    """``public_access`` with ``minutes`` ends by itself; without, it stays until it is switched off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_access: bool
    minutes: Annotated[int, Field(ge=1, le=LONGEST_MINUTES)] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=500), STORABLE] | None = None
    credential: CredentialWish | None = Field(
        default=None, description="Only with minutes, and for callers who may make temporary credentials."
    )

    force: bool = Field(
        default=False,
        description="Also while changes that others have staged wait at Railway. Needs the scope `railway:force`.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.minutes is not None and not self.public_access:
            raise ValueError("minutes are for public access that is switched on")
        if self.credential is not None and self.minutes is None:
            raise ValueError("a credential ends with its window, so it needs minutes")
        return self


class NetworkPlan(View):
    """What the job does. With `dry_run=true` nothing but this happens."""

    steps: list[str]
    breaks: list[str] = Field(description="What stops working.")
    warnings: list[str]


class NetworkAccepted(BaseModel):
    job: JobView
    plan: NetworkPlan


class _NetworkJob(BaseModel):
    database_id: DatabaseId

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class OpenNetwork(
    _NetworkJob,
    JobArgs,
    kind="network.open",
    conflict=ConflictClass.LOGINS,
    scope=Scope.NETWORK_WRITE,
    connects=False,  # it opens the way
    deadline_seconds=DEADLINE_SECONDS,
):
    """``window_id`` is null for public access that stays."""

    window_id: UUID | None = None
    credential: CredentialWish | None = None
    force: bool = False

    def scopes(self) -> tuple[str, ...]:
        wished = {Scope.ROLES_TEMPORARY: self.credential is not None, Scope.RAILWAY_FORCE: self.force}
        return (self.scope, *(scope for scope, is_wished in wished.items() if is_wished))


class CloseNetwork(
    _NetworkJob,
    JobArgs,
    kind="network.close",
    conflict=ConflictClass.LOGINS,
    scope=Scope.NETWORK_WRITE,
    connects=False,
    deadline_seconds=DEADLINE_SECONDS,
    attempts=10,
):
    """``window_id``: the one that ends with it. ``only_due``: nobody asked, its time is up; what is public for another
    reason stays so.
    """

    window_id: UUID | None = None
    only_due: bool = False

    def dedupe_key(self) -> str:
        return f"{self.kind}:{self.window_id or self.database_id}"
