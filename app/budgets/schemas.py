"""Budgets as callers declare them, and what comes of holding them against the server."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.kit.ids import DatabaseId
from app.kit.names import Name, PostgresName

MOST_CONSUMERS: Final = 200

Count = Annotated[int, Field(ge=1, le=10_000)]


class PoolEndpoint(StrEnum):
    DIRECT = "direct"
    POOLED = "pooled"  # through PgBouncer


class BudgetVerdict(StrEnum):
    OK = "ok"
    WARN = "warn"  # more than 80 percent of what may be used
    REFUSE = "refuse"  # more than there is


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PoolHolder(_Wish):
    """A service, and the pool that each of its processes holds."""

    service: Name
    endpoint: PoolEndpoint = PoolEndpoint.DIRECT
    replicas: int | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="Null: as last seen at Railway of the service of that name, and 1 where nothing was.",
    )
    processes: Count = Field(default=1, description="Of each replica, such as the workers of gunicorn.")
    pool_max: Count = Field(
        description="Of each process. SQLAlchemy: pool_size + max_overflow, 15 by itself; node-postgres and HikariCP: 10."
    )
    overlaps: bool = Field(
        default=True, description="Whether a deploy starts the new replicas before the old ones end: they count twice."
    )
    role: PostgresName | None = Field(default=None, description="By which it logs in to the pooler; null: one for all.")
    logical_database: PostgresName | None = Field(
        default=None, description="What it gives the pooler as its database; null: the default one."
    )


class PoolerShape(_Wish):
    """A pooler that is not ours. PgBouncer opens as many connections for each pair of a database and a role."""

    pool_size: Count = 20
    reserve: int = Field(default=0, ge=0, le=10_000)
    replicas: Count = 1
    max_client_conn: Count | None = Field(default=None, description="Of each replica; null: not known.")


class BudgetPut(_Wish):
    consumers: list[PoolHolder] = Field(max_length=MOST_CONSUMERS)
    pooler: PoolerShape | None = Field(
        default=None,
        description="Goes before what is on record of a pooler. Null: the pooler of this database, if any.",
    )

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        keys = [_key(one) for one in self.consumers]
        if twice := sorted(
            {f"{service} ({endpoint})" for service, endpoint in keys if keys.count((service, endpoint)) > 1}
        ):
            raise ValueError(f"{', '.join(twice)} is there twice: add its processes up")
        return self

    def changed(self, change: "BudgetChange") -> "BudgetPut":
        """With what a deploy would change. Raises ValueError where that is too much."""
        gone = {_key(one) for one in change.consumers}
        kept = [one for one in self.consumers if _key(one) not in gone and one.service not in change.remove]
        return BudgetPut(consumers=[*kept, *change.consumers], pooler=change.pooler or self.pooler)


class BudgetChange(_Wish):
    """What a deploy would change of the declared budget. Nothing is stored."""

    consumers: list[PoolHolder] = Field(
        default_factory=list, max_length=MOST_CONSUMERS, description="New ones, and others than declared."
    )
    remove: list[Name] = Field(default_factory=list, max_length=MOST_CONSUMERS, description="Services that go.")
    pooler: PoolerShape | None = None


class BudgetSessions(View):
    """Sessions that there are now."""

    role: str | None
    application_name: str
    count: int
    idle_in_transaction: int | None = Field(description="Null where our role may not see it.")


class BudgetServer(View):
    max_connections: int
    reserved: int = Field(description="superuser_reserved_connections and reserved_connections.")
    sessions: list[BudgetSessions] = Field(description="Most first, 100 at most, without those of this service.")
    sessions_total: int
    observed_at: datetime


class BudgetAssessment(View):
    """The arithmetic shows how each number came about."""

    verdict: BudgetVerdict
    demand: int = Field(description="Connections to the server, if every pool is full while everything is deployed.")
    usable: int
    percent: int | None = Field(description="Demand of usable; null where nothing is usable.")
    arithmetic: list[str]
    warnings: list[str]
    server: BudgetServer


class BudgetView(View):
    """What is declared, and how the server stands to it now."""

    database_id: DatabaseId
    consumers: list[PoolHolder]
    pooler: PoolerShape | None
    assessment: BudgetAssessment | None = Field(description="Null while the server cannot be asked.")
    unassessed_because: str | None
    updated_at: datetime | None = Field(description="Null: nothing was declared yet.")


class BudgetCheck(View):
    """`verdict` is for the deploy to obey."""

    verdict: BudgetVerdict
    before: BudgetAssessment
    after: BudgetAssessment


def _key(one: PoolHolder) -> tuple[str, PoolEndpoint]:
    return one.service, one.endpoint
