"""What a client has to know to connect, and what it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.connections.clients.quoting import uri
from app.connections.models import PoolMode
from app.postgres.connect import TlsMode

_TEXTS: Final = Path(__file__).parent / "texts"
CA_FILE: Final = "ca.pem"


@dataclass(frozen=True, slots=True)
class Address:
    """``tls`` is never ``prefer``, which protects from nobody and which most clients do not know."""

    host: str
    port: int
    tls: TlsMode

    @property
    def verifies(self) -> bool:
        return self.tls in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """One login of one database by one way. ``password`` is a mask unless it may be shown."""

    address: Address
    direct: Address  # past the pooler; the same as ``address`` where that is no pooler's
    public: Address | None  # while there is one, whatever ``address`` is
    database: str  # by ``address``: a pooler has names of its own
    direct_database: str
    shadow_database: str  # for tools that try migrations out in a second database
    user: str
    password: str = field(repr=False)
    ca_pem: str | None = field(repr=False)  # of all addresses; given whenever one of them verifies
    pool_mode: PoolMode | None  # None: ``address`` is the server's own
    prepared_statements: bool  # whether named ones outlive a transaction
    pool_min: int
    pool_max: int
    statement_timeout_seconds: int | None
    connect_timeout_seconds: int
    application_name: str

    @property
    def is_pooled(self) -> bool:
        return self.pool_mode is not None

    def url(
        self,
        address: Address | None = None,
        *,
        database: str | None = None,
        tls: bool = True,
        scheme: str = "postgresql",
        more: Mapping[str, str] | None = None,
    ) -> str:
        """By ``address`` unless another is named. Without ``tls`` it says nothing of encryption. ``more``: behind the ?."""
        address = address or self.address
        parameters = ({"sslmode": address.tls.value} if tls else {}) | dict(more or {})
        if tls and address.verifies and not self.address.verifies and self.ca_pem is not None:
            parameters["sslrootcert"] = CA_FILE  # which the environment says only where it is for ``address`` as well
        if database is None:
            database = self.database if address == self.address else self.direct_database
        return uri(
            scheme,
            user=self.user,
            password=self.password,
            host=address.host,
            port=address.port,
            database=database,
            parameters=parameters,
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """``environment`` goes before the one that all clients share; ``text`` is the connection string as the client takes it."""

    text: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    install: tuple[str, ...] = ()  # commands
    run: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def programme(client: str, *names: str) -> dict[str, str]:
    """Files below ``texts/<client>/``, by name."""
    return {name: (_TEXTS / client / name).read_text() for name in names}
