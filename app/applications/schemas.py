"""Applications as callers ask for them and see them, and the jobs behind that."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.connections.models import Application, Login, LoginState
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, encode_id
from app.kit.names import PostgresName

_MOST_BYTES: Final = 57  # the longest suffix, "_owner", makes 63 of them
_HOUR_SECONDS: Final = 3600
_DAY_SECONDS: Final = 86_400
FIRST_SUFFIX, SECOND_SUFFIX, OWNER_SUFFIX = "_a", "_b", "_owner"


def _short(name: str) -> str:
    if len(name.encode()) > _MOST_BYTES:
        raise ValueError(f"the name of an application has {_MOST_BYTES} bytes in UTF-8 at most: its roles add to it")
    if name.startswith("pg_"):
        raise ValueError("names that begin with pg_ are PostgreSQL's own")
    return name


ApplicationName = Annotated[
    PostgresName,
    Field(
        min_length=1,
        max_length=_MOST_BYTES,
        pattern=r"^[^\x00-\x1f\x7f/]+$",
        description="Its roles are named after it: `app_owner`, `app_a` and `app_b`.",
        examples=["app"],
    ),
    AfterValidator(_short),
]


class ConsumersMove(StrEnum):
    MOVE = "move"
    LEAVE = "leave"


class LoginTimeouts(BaseModel):
    """Of the logins' sessions, in seconds; 0 for none. A session can set them otherwise, as a migration should."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statement_timeout_seconds: int = Field(default=30, ge=0, le=_DAY_SECONDS)
    lock_timeout_seconds: int = Field(default=5, ge=0, le=_HOUR_SECONDS)
    idle_in_transaction_session_timeout_seconds: int = Field(default=60, ge=0, le=_DAY_SECONDS)

    def settings(self) -> dict[str, str]:
        return {name.removesuffix("_seconds"): f"{seconds}s" for name, seconds in self}


class HardenWish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    application: ApplicationName = "app"
    logical_database: PostgresName | None = Field(
        default=None, description="Null: the one that the application has, and at first the server's default."
    )
    schemas: list[PostgresName] | None = Field(
        default=None,
        max_length=1000,
        description="Whose objects are handed over. Null: those of every schema, and what is in none.",
    )
    timeouts: LoginTimeouts | None = Field(
        default=None, description="Null: as they are, and at first 30, 5 and 60 seconds."
    )
    consumers: ConsumersMove = Field(
        default=ConsumersMove.MOVE,
        description="Whether services at Railway that refer to `DATABASE_URL` are led to the application's login.",
    )
    redeploy: bool = Field(
        default=False, description="Deploy the services that are moved; otherwise they move with their next deployment."
    )
    revoke_public_create: bool = Field(
        default=True,
        description="Take from everybody else the right to make anything in the schema public, if that is among `schemas`.",
    )


class ObjectCount(View):
    kind: str = Field(examples=["table"])
    count: int


class ConsumerMove(View):
    """A variable that refers to the database."""

    service: str | None = Field(description="Null: a variable that the environment shares with all its services.")
    variable: str
    before: str = Field(examples=["Postgres.DATABASE_URL"])
    after: str | None = Field(
        description="Unrendered. Null: it is left as it is, for the reason.",
        examples=["${{Postgres.DATABASE_APP_URL}}"],
    )
    reason: str | None


class HardenPlan(View):
    owner_role: str
    logins: list[str]
    objects: list[ObjectCount] = Field(description="What is handed over to the owner.")
    statements: list[str] = Field(
        description="In their order; `***` stands for what is made of a password. Empty without `dry_run=true`."
    )
    consumers: list[ConsumerMove]
    warnings: list[str]


class HardenAccepted(BaseModel):
    """The job, and what it does."""

    job: JobView
    plan: HardenPlan | None = Field(
        description="Null: only a worker reaches the server, and the job finds out for itself what is to be done."
    )


class ApplicationLoginView(View):
    role: str
    state: LoginState
    rotated_at: datetime | None
    sessions: int | None = Field(description="How many it has now. Null: not asked, or the server did not answer.")


class ApplicationView(View):
    name: str
    logical_database: str
    owner_role: str
    logins: list[ApplicationLoginView]
    timeouts: LoginTimeouts
    ready: bool = Field(description="False: its `:harden` has not come to its end. Send it again.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, application: Application, logins: Sequence[Login], sessions: dict[str, int] | None = None) -> Self:
        return cls(
            name=application.name,
            logical_database=application.logical_database,
            owner_role=application.owner_role,
            logins=[
                ApplicationLoginView(
                    role=login.role,
                    state=LoginState(login.state),
                    rotated_at=login.rotated_at,
                    sessions=None if sessions is None else sessions.get(login.role, 0),
                )
                for login in logins
            ],
            timeouts=LoginTimeouts.model_validate(application.options.get("timeouts", {})),
            ready=any(login.state == LoginState.CURRENT for login in logins),
            created_at=application.created_at,
            updated_at=application.updated_at,
        )


class ApplicationDeletionPlan(View):
    objects: list[ObjectCount] = Field(description="What the application's roles own in its logical database.")
    sessions: int = Field(description="Of its logins; they are ended.")
    warnings: list[str]


class ApplicationDeletionAccepted(BaseModel):
    """The job, and what it does."""

    job: JobView
    plan: ApplicationDeletionPlan | None = Field(
        description="Null: only a worker reaches the server, and the job finds out for itself what is to be done."
    )


class _OfApplication(BaseModel):
    database_id: DatabaseId
    name: str

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class HardenApplication(
    _OfApplication, JobArgs, kind="application.harden", conflict=ConflictClass.LOGINS, scope=Scope.ROLES_WRITE
):
    logical_database: str | None
    schemas: list[str] | None
    timeouts: LoginTimeouts | None
    consumers: ConsumersMove
    redeploy: bool
    revoke_public_create: bool

    def scopes(self) -> tuple[str, ...]:
        return (self.scope, Scope.CONNECTIONS_WRITE) if self.consumers is ConsumersMove.MOVE else (self.scope,)


class DeleteApplication(
    _OfApplication, JobArgs, kind="application.delete", conflict=ConflictClass.LOGINS, scope=Scope.ROLES_WRITE
):
    successor: str | None
