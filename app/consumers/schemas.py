"""Consumers as callers see them, and the jobs that change them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.connections.endpoints import EndpointKind
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, encode_id
from app.railway.schemas import RailwayId

DEADLINE_SECONDS = 3600.0

VariableName = Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", examples=["DATABASE_URL"])]


class ConsumerView(View):
    """One variable of one service that reads one of the database's, or has its address written out."""

    service: str | None = Field(description="Null: a variable that the environment shares with all its services.")
    railway_service_id: RailwayId | None
    variable: str
    reads: str = Field(
        description="The variable that it refers to, or the address that is written out.",
        examples=["Postgres.DATABASE_URL"],
    )
    endpoint: EndpointKind | None = Field(
        description="Null: what it reads leads nowhere by itself, such as a user name."
    )
    warnings: list[str]


class ConsumersView(View):
    """What was seen of the environment's variables: names, references and addresses, and never another value."""

    data: list[ConsumerView]
    observed_at: datetime


class ConsumerWish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    variable: VariableName = "DATABASE_URL"
    endpoint: EndpointKind = EndpointKind.PRIVATE
    redeploy: bool = Field(
        default=False, description="The service sees the variable from its next deployment on; this makes one."
    )


class ConsumerPlan(View):
    """What the job does. With `dry_run=true` nothing but this happens."""

    service: str
    variable: str
    before: str | None = Field(description="Unrendered; `***` if it is more than references. Null: there is none.")
    after: str | None = Field(description="Unrendered. Null: the variable is removed.")
    redeploys: bool
    warnings: list[str]


class ConsumerAccepted(BaseModel):
    """The job, and what it does."""

    job: JobView
    plan: ConsumerPlan


class _ConsumerJob(BaseModel):
    """``service_id`` is Railway's. ``value`` is made of references, and of nothing else that is secret."""

    database_id: DatabaseId
    service_id: str
    service_name: str
    variable: str
    redeploy: bool

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class WriteConsumer(
    _ConsumerJob,
    JobArgs,
    kind="consumer.write",
    conflict=ConflictClass.CHANGE,
    scope=Scope.CONNECTIONS_WRITE,
    deadline_seconds=DEADLINE_SECONDS,
):
    value: str


class RemoveConsumer(
    _ConsumerJob,
    JobArgs,
    kind="consumer.remove",
    conflict=ConflictClass.CHANGE,
    scope=Scope.CONNECTIONS_WRITE,
    deadline_seconds=DEADLINE_SECONDS,
):
    pass
