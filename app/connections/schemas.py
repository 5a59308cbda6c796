"""How to connect, as callers ask for it and see it."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.connections.clients.registry import Client
from app.connections.endpoints import VERIFYING, ConnectionEndpoint, EndpointKind
from app.connections.models import PoolMode
from app.kit.names import Name, PostgresName
from app.postgres.connect import TlsMode

MOST_CONNECTIONS = 1000

Seconds = Annotated[int, Field(ge=1, le=24 * 3600)]


class Mode(StrEnum):
    DIRECT = "direct"
    POOLED = "pooled"  # through PgBouncer
    READ = "read"  # the replicas of a cluster


class Reachable(StrEnum):
    PRIVATE = "private"
    PUBLIC = "public"


class TlsFacts(View):
    sslmode: TlsMode = Field(description="What clients should ask for.")
    is_root_pinned: bool = Field(description="Whether there is a root for them to trust.")
    may_verify_name: bool = Field(description="Whether `verify-full` can succeed.")
    why: str


class EndpointView(View):
    network: EndpointKind
    host: str
    port: int
    tls: TlsFacts
    works_from: str
    for_whom: list[str]
    why: str

    @classmethod
    def of(cls, endpoint: ConnectionEndpoint) -> Self:
        facts = TlsFacts(
            sslmode=endpoint.tls,
            is_root_pinned=endpoint.ca_pem is not None,
            may_verify_name=endpoint.may_verify_name,
            why=_about_tls(endpoint),
        )
        return cls(
            network=endpoint.network,
            host=endpoint.host,
            port=endpoint.port,
            tls=facts,
            works_from=endpoint.works_from,
            for_whom=list(endpoint.for_whom),
            why=endpoint.why,
        )


class ConnectionsView(View):
    """Where a database is entered, and by whom. Without any secret."""

    data: list[EndpointView]
    default_database: str
    default_role: str = Field(description="Whose login `connection-strings` gives unless another one is named.")
    roles: list[str] = Field(description="Logins that are on record here, whose strings can be had.")
    applications: list[str]


class ClientPool(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    min: int = Field(default=1, ge=0, le=MOST_CONNECTIONS)
    max: int = Field(ge=1, le=MOST_CONNECTIONS)

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError("min is greater than max")
        return self


class ConnectionStringsWish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    client: Client
    mode: Mode = Mode.DIRECT
    network: Reachable | None = Field(default=None, description="Null: private, or public where nothing else is known.")
    role: PostgresName | None = Field(default=None, description="Whose login; null: see `application`.")
    application: Name | None = Field(
        default=None,
        description="Its current login. Null and no role: that of the only application, or else the server's superuser.",
    )
    database: PostgresName | None = Field(
        default=None, description="Null: the application's, the login's, or the server's default."
    )
    shadow_database: PostgresName | None = Field(
        default=None,
        description="For tools that try migrations out. Null: the database's name with `_shadow` behind it.",
    )
    sslmode: TlsMode | None = Field(
        default=None, description="As libpq means it, but for `prefer`. Null: the strictest that can succeed."
    )
    pool: ClientPool | None = Field(default=None, description="Of one process. Null: what suits most.")
    processes: int = Field(
        default=1, ge=1, le=MOST_CONNECTIONS, description="How many run at once, over all replicas, for the reckoning."
    )
    statement_timeout_seconds: Seconds | None = None
    application_name: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[\x21-\x7e]+$")] | None = Field(
        default=None, description="What the server shows of its sessions. Null: the database's name."
    )
    reveal: bool = Field(
        default=False, description="Show the password. Needs the scope secrets:reveal, and is audited."
    )

    @model_validator(mode="after")
    def _is_clear(self) -> Self:
        if self.role is not None and self.application is not None:
            raise ValueError("role and application are two ways to name a login; give one")
        if self.sslmode is TlsMode.PREFER:
            raise ValueError(
                "sslmode prefer goes on without encryption when it is not offered, so it protects from nobody"
            )
        return self


class PoolAdvice(View):
    min: int
    max: int
    connections: int = Field(description="How many all processes hold at the most, twice while a deployment rolls.")
    why: str


class ConnectionStringsView(View):
    """What to write into files and environment. Members of secrets are null where an answer is repeated."""

    client: Client
    mode: Mode
    network: EndpointKind
    role: str
    database: str
    sslmode: TlsMode
    pool_mode: PoolMode | None = Field(description="Null: no pooler lies in between.")
    revealed: bool = Field(description="False: the password is written as `***`.")
    text: str | None = Field(description="The connection string as this client takes it; empty: it takes none.")
    environment: dict[str, str] | None
    files: dict[str, str] = Field(description="By name. They hold no secret.")
    install: list[str]
    run: str = Field(description="The command that runs the programme among the files; empty: there is none.")
    pool: PoolAdvice
    notes: list[str]
    warnings: list[str]
    withheld: list[str] = Field(default=[], description="Members that only the first answer carried.")


def _about_tls(endpoint: ConnectionEndpoint) -> str:
    if endpoint.tls is TlsMode.DISABLE:
        return "The address speaks no TLS: passwords and data cross the network readable."
    if endpoint.tls not in VERIFYING:
        return (
            "No root is pinned, so a client cannot tell the server from somebody in between: it is encrypted, to whom is "
            "unknown. See GET /v1/databases/{database_id}/certificate."
        )
    if endpoint.may_verify_name:
        return "The certificate is checked, and so is the host's name."
    return (
        "The certificate must be signed by the pinned root, which is as strict as it gets: it is made out to another name "
        "than the host's, so verify-full fails."
    )
