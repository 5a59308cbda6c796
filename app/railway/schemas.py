"""Tokens for Railway as callers see them, what is seen by one, and the jobs that watch them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.errors import ProblemDocument
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import (
    EnvironmentId,
    JobId,
    ProjectId,
    RailwayConnectionId,
    encode_id,
)
from app.kit.names import STORABLE_SECRET, Name
from app.providers.railway.credential import TokenKind
from app.providers.railway.models import ConnectionState, IntentOutcome, RailwayConnection, RailwayIntent
from app.providers.railway.patches import StagedStatus
from app.railway.capabilities import Allowed, Capability

RailwayId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="An id of Railway's, as it writes it.",
        examples=["3f2a1b7c-5d6e-4f80-9a1b-2c3d4e5f6a7b"],
    ),
]
Token = Annotated[SecretStr, Field(min_length=1, max_length=1024), STORABLE_SECRET]


class ConnectionCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    project_id: ProjectId
    name: Name
    token: Token
    kind: TokenKind | None = Field(default=None, description="Found out when not given; a wrong one is refused.")


class ConnectionUpdate(BaseModel):
    """Members that are absent or null stay as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = None
    token: Token | None = Field(default=None, description="It must read every environment that is linked.")
    kind: TokenKind | None = Field(default=None, description="Of the new token; found out when not given.")

    @model_validator(mode="after")
    def _kind_of_a_token(self) -> Self:
        if self.kind is not None and self.token is None:
            raise ValueError("the kind is found out when a token is given; it does not change without one")
        return self


class CapabilityView(View):
    """What the token was seen to be allowed."""

    state: Allowed
    since: datetime | None = Field(description="Null while it was never tried.")
    reason: str | None = Field(description="Why not, or why it is not known.")


class WorkspaceView(View):
    id: RailwayId
    name: str


class ConnectionView(View):
    """A token, which itself never leaves."""

    id: RailwayConnectionId
    project_id: ProjectId
    name: str
    kind: TokenKind
    state: ConnectionState
    workspaces: list[WorkspaceView] = Field(description="That it belongs to; a project token tells none.")
    railway_project_id: RailwayId | None = Field(description="Of a project token.")
    railway_environment_id: RailwayId | None = Field(description="Of a project token.")
    capabilities: dict[str, CapabilityView] = Field(
        description="Reads are tried at each probe; of writes the first success or refusal tells."
    )
    probed_at: datetime | None
    probe_error: ProblemDocument | None = Field(description="A problem document, when the last probe failed.")
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, connection: RailwayConnection) -> Self:
        unknown = {"state": Allowed.UNKNOWN, "since": None, "reason": None}
        known = {name.value: connection.capabilities.get(name, unknown) for name in Capability}
        return cls.model_validate(connection.model_dump(exclude={"token_sealed"}) | {"capabilities": known})


class RailwayEnvironmentCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    railway_project_id: RailwayId
    name: Name
    source_environment_id: RailwayId | None = Field(
        default=None,
        description="Railway's environment to fork: its services, volumes and variables come along, no data does.",
    )
    environment_id: EnvironmentId | None = Field(
        default=None, description="The environment of yours that is to stand for it; linked to none so far."
    )


class RailwayEnvironmentAccepted(View):
    """An environment at Railway that a job makes or deletes."""

    id: RailwayId | None = Field(description="Null until Railway has made it; the job's result names it.")
    name: str
    services: list[str] = Field(description="Names of the services that it is made with, or that go with it.")
    data_copied: bool = Field(description="False: the volumes of a fork are empty.")
    job: JobView


class RailwayLink(BaseModel):
    """Which environment at Railway one of yours stands for. Railway tells the project."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connection_id: RailwayConnectionId
    railway_environment_id: RailwayId


class StagedKeyView(View):
    """A place in the environment's configuration that waits to be changed; what it becomes is not shown."""

    key: str = Field(examples=["services.3f2a1b7c-5d6e-4f80-9a1b-2c3d4e5f6a7b.variables.LOG_LEVEL"])
    service_id: RailwayId | None
    service_name: str | None
    ours: bool = Field(description="A job of this service has staged it.")


class StagedChangesView(View):
    """Railway does not tell who staged what."""

    status: StagedStatus
    message: str | None
    created_at: datetime
    last_failure: str | None = Field(description="Why the last attempt to apply them failed.")
    ours: bool = Field(description="All of it was staged by jobs of this service, so that it may be discarded.")
    changes: list[StagedKeyView]


class DiscardedView(View):
    keys: list[str] = Field(description="What waited and does not any more; with a dry run what would be discarded.")


class IntentView(View):
    """A change at Railway that a job set out to make, written before its first request.

    While one is open, nobody else of this service changes that environment.
    """

    connection_id: RailwayConnectionId
    railway_environment_id: RailwayId = Field(description="While an environment is being made: its project.")
    job_id: JobId
    operation: str
    plan: dict[str, Any] = Field(description="By what its work is found again.")
    made: dict[str, Any] = Field(description="What it has made so far.")
    opened_at: datetime
    closed_at: datetime | None
    outcome: IntentOutcome | None = Field(description="`given_up`: its job ended without saying what became of it.")

    @classmethod
    def of(cls, intent: RailwayIntent) -> Self:
        return cls.model_validate(intent.model_dump() | {"job_id": intent.owner_id})


class DriftView(View):
    """One difference between Railway's schema and the one that this version was written for."""

    where: str
    what: str
    breaks: bool = Field(description="Whether something that we ask, or make of the answer, can fail by it.")


class SchemaCheckView(View):
    checked_at: datetime
    breaks: bool
    differences: list[DriftView]


class ProbeConnection(JobArgs, kind="railway.probe", conflict=None, scope=Scope.RAILWAY_WRITE, deadline_seconds=3600):
    """Tries a token out again, weekly."""

    connection_id: RailwayConnectionId

    def subject_id(self) -> str | None:
        return encode_id("rwc", self.connection_id)


class SweepIntents(JobArgs, kind="railway.sweep", conflict=None, scope=Scope.RAILWAY_WRITE, deadline_seconds=3600):
    """Looks what is left at Railway of changes whose jobs ended without saying so."""

    connection_id: RailwayConnectionId

    def subject_id(self) -> str | None:
        return encode_id("rwc", self.connection_id)


class CreateRailwayEnvironment(
    JobArgs,
    kind="railway_environment.create",
    conflict=None,
    scope=Scope.RAILWAY_WRITE,
    deadline_seconds=3600,
):
    """While it is being made, its project stands in for it in the intent: one at a time."""

    connection_id: RailwayConnectionId
    railway_project_id: str
    name: str
    source_environment_id: str | None = None
    environment_id: EnvironmentId | None = None

    def subject_id(self) -> str | None:
        return encode_id("rwc", self.connection_id)


class DeleteRailwayEnvironment(
    JobArgs,
    kind="railway_environment.delete",
    conflict=None,
    scope=Scope.RAILWAY_WRITE,
    deadline_seconds=3600,
):
    connection_id: RailwayConnectionId
    railway_project_id: str
    railway_environment_id: str
    name: str

    def subject_id(self) -> str | None:
        return encode_id("rwc", self.connection_id)


class CheckSchema(JobArgs, kind="railway.schema-check", conflict=None, scope=Scope.RAILWAY_READ, deadline_seconds=3600):
    """Compares Railway's schema with ours, weekly. Needs no token."""
