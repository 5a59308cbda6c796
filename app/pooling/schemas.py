"""Poolers and pools as callers see and wish them, and the jobs that make the process what the rows say."""

import re
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.connections.models import Pool, Pooler, PoolerState, PoolMode
from app.connections.poolers import PoolerFacts
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, encode_id
from app.kit.names import PostgresName
from app.postgres.pgbouncer_console import CONSOLE
from app.providers.railway.prices import CostEstimate

DEADLINE_SECONDS: Final = 900.0
AT_RAILWAY_SECONDS: Final = 7200.0  # workflows and deployments there
LONGEST_PAUSE_SECONDS: Final = 3600


def _not_the_console(name: str) -> str:
    if name == CONSOLE:
        raise ValueError(f"{CONSOLE} is the name of the console")
    return name


_POOL_NAME: Final = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$"

Size = Annotated[int, Field(ge=1, le=1000)]
Seconds = Annotated[int, Field(ge=0, le=86_400)]
PoolName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=_POOL_NAME,
        description="What clients give as their database. `pgbouncer` is the name of the console.",
    ),
    AfterValidator(_not_the_console),
]


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PoolerOptions(_Wish):
    """What is absent has its default: the wish replaces all options. 0 is no limit, where it is allowed."""

    max_client_conn: int = Field(default=1000, ge=1, le=20_000, description="Clients at once, over all pools.")
    pool_mode: PoolMode = Field(default=PoolMode.TRANSACTION, description="Of pools that name none.")
    default_pool_size: Size = Field(default=20, description="Of pools that name none; for each of their users.")
    query_wait_timeout: int = Field(
        default=120, ge=0, le=3600, description="Seconds that a client waits for a connection before it is closed."
    )
    server_idle_timeout: Seconds = Field(
        default=600, description="Unused connections are closed after so many seconds."
    )
    server_lifetime: int = Field(
        default=3600, ge=60, le=86_400, description="And every one, between transactions, after so many."
    )
    client_idle_timeout: Seconds = 0
    idle_transaction_timeout: Seconds = Field(
        default=0, description="Seconds after which a client is closed that idles in a transaction."
    )
    max_prepared_statements: int = Field(
        default=200,
        ge=0,
        le=10_000,
        description="Kept for each server connection, so that transaction mode serves prepared statements. Without "
        "effect before PgBouncer 1.21.",
    )


class PoolerView(View):
    """The address is this machine's own, at Railway one of the environment's private network, without a root to pin.

    `ca_pem` is the root that signed its certificate.
    """

    database_id: DatabaseId
    state: PoolerState
    state_reason: str | None
    host: str | None
    port: int | None
    version: str | None
    prepared_statements: bool = Field(description="Whether pools in transaction mode serve prepared statements.")
    ca_pem: str | None
    options: PoolerOptions
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, pooler: Pooler) -> Self:
        facts = PoolerFacts.of(pooler)
        return cls.model_validate(pooler.model_dump() | {"prepared_statements": facts.prepared_statements})


class PoolPut(_Wish):
    """What is absent is the pooler's default."""

    logical_database: PostgresName | None = Field(default=None, description="Absent: the one of the pool's name.")
    mode: PoolMode | None = None
    size: Size | None = Field(default=None, description="Connections to the server, for each user of the pool.")
    reserve: int = Field(default=0, ge=0, le=1000, description="So many more when clients have waited for 5 seconds.")
    min_size: int = Field(default=0, ge=0, le=1000, description="So many are kept open while the pool is in use.")
    max_db_connections: Size | None = Field(default=None, description="Connections of all users of it together.")


class PoolPatch(_Wish):
    """What is absent stays as it is. Null takes `max_db_connections` away."""

    mode: PoolMode | None = None
    size: Size | None = None
    reserve: int | None = Field(default=None, ge=0, le=1000)
    min_size: int | None = Field(default=None, ge=0, le=1000)
    max_db_connections: Size | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("it names nothing that should change")
        return self


class PoolView(View):
    name: str
    logical_database: str
    mode: PoolMode
    size: int
    reserve: int
    min_size: int
    max_db_connections: int | None
    paused_until: datetime | None = Field(description="It resumes by itself at that time; null: it is not paused.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, pool: Pool) -> Self:
        return cls.model_validate(pool.model_dump())


class PoolerPlan(View):
    """What the job does. With `dry_run=true` nothing but this happens."""

    steps: list[str]
    arithmetic: list[str] = Field(description="How many connections the pools may open, and how many there are.")
    warnings: list[str]
    cost: CostEstimate | None = Field(
        default=None, description="Of a pooler at Railway, which is a service of its own."
    )


class PoolerAccepted(BaseModel):
    pooler: PoolerView
    job: JobView
    plan: PoolerPlan


class PoolAccepted(BaseModel):
    pool: PoolView
    job: JobView
    plan: PoolerPlan


class PoolWish(_Wish):
    pool: PoolName | None = Field(default=None, description="Absent: all of them.")


class PauseWish(PoolWish):
    """Clients wait, and no connection to the server is in use, until it is resumed."""

    max_seconds: int = Field(
        default=300, ge=1, le=LONGEST_PAUSE_SECONDS, description="After which it resumes by itself, whatever happens."
    )
    wait_seconds: float = Field(
        default=10, gt=0, le=60, allow_inf_nan=False, description="How long transactions that run are waited for."
    )


class PoolerCommanded(View):
    """The pooler answered; these are its pools now."""

    pools: list[PoolView]


class _PoolerJob(BaseModel):
    database_id: DatabaseId

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class AttachPooler(
    _PoolerJob,
    JobArgs,
    kind="pooler.attach",
    conflict=ConflictClass.RESTART,  # its commit may deploy the server anew
    scope=Scope.POOLER_WRITE,
    deadline_seconds=AT_RAILWAY_SECONDS,
):
    """At Railway: lays its template over the database's service, or tells the pooler that is there of other options."""


class DetachPooler(
    _PoolerJob,
    JobArgs,
    kind="pooler.detach",
    conflict=ConflictClass.RESTART,  # its commit may deploy the server anew
    scope=Scope.POOLER_WRITE,
    deadline_seconds=AT_RAILWAY_SECONDS,
):
    """At Railway: takes the template off again."""


class ApplyPooler(
    _PoolerJob,
    JobArgs,
    kind="pooler.apply",
    conflict=ConflictClass.POOLER,
    scope=Scope.POOLER_WRITE,
    deadline_seconds=DEADLINE_SECONDS,
):
    """Makes it what the rows say, from nothing if need be."""


class RemovePooler(
    _PoolerJob,
    JobArgs,
    kind="pooler.remove",
    conflict=ConflictClass.POOLER,
    scope=Scope.POOLER_WRITE,
    deadline_seconds=DEADLINE_SECONDS,
):
    pass


def is_pool_name(text: str) -> bool:
    return text != CONSOLE and re.fullmatch(_POOL_NAME, text) is not None
