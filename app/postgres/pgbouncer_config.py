"""The configuration of a PgBouncer of ours, as text: loopback only, TLS and SCRAM on both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from app.postgres.connect import Target, TlsMode
from app.postgres.pooler_login import AUTH_QUERY, ROLE
from app.postgres.scram import verifier

ADMIN: Final = "pgm_pooler_admin"  # known to PgBouncer alone: there is no such role on the server
HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One name that clients may give as their database."""

    name: str
    database: str
    mode: str
    size: int
    reserve: int
    min_size: int
    max_db_connections: int | None


@dataclass(frozen=True, slots=True)
class PgBouncerConfig:
    """``settings`` are PgBouncer's own names. ``auth_password`` is that of the role that looks verifiers up.

    ``sockets`` is the folder of the server's socket, where the pooler may enter it: the shorter way, on which there is
    nobody to encrypt against.
    """

    port: int
    server: Target
    pools: Sequence[PoolLine]
    settings: Mapping[str, int | str]
    auth_password: SecretStr
    admin_password: SecretStr
    sockets: Path | None = None

    def userlist(self) -> str:
        """PgBouncer logs in to the server as the one, which takes the clear password; the other only logs in to it."""
        clear = self.auth_password.get_secret_value().replace('"', '""')
        return f'"{ROLE}" "{clear}"\n"{ADMIN}" "{verifier(self.admin_password)}"\n'

    def render(self, *, userlist: Path, log: Path, pid: Path, identity: Path, server_root: Path) -> str:
        """``identity`` holds certificate and key of what clients see; ``server_root`` is what the server's is checked by."""
        server = self.server
        values: dict[str, int | str] = {
            "listen_addr": HOST,
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": str(userlist),
            "auth_user": ROLE,
            "auth_query": AUTH_QUERY,
            "admin_users": ADMIN,
            "logfile": str(log),
            "pidfile": str(pid),
            # JDBC and Npgsql send it always, and every value means the same to servers of today.
            "ignore_startup_parameters": "extra_float_digits",
            "client_tls_sslmode": "require",
            "client_tls_key_file": str(identity),
            "client_tls_cert_file": str(identity),
            "client_tls_protocols": "secure",
            "server_tls_sslmode": server.tls.value,
            "server_tls_protocols": "secure",
            # A restarted server is found again at once instead of after 15 seconds.
            "server_login_retry": 1,
            "log_connections": 0,
            "log_disconnections": 0,
        }
        if server.tls in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
            values["server_tls_ca_file"] = str(server_root)
        values |= self.settings
        lines = ["[databases]", *(self._line(pool) for pool in self.pools), "", "[pgbouncer]"]
        return "\n".join([*lines, *(f"{name} = {value}" for name, value in values.items()), ""])

    def _line(self, pool: PoolLine) -> str:
        parts = {
            "host": str(self.sockets or self.server.host),
            "port": str(self.server.port),
            "dbname": pool.database,
            "pool_mode": pool.mode,
            "pool_size": str(pool.size),
            "reserve_pool": str(pool.reserve),
            "min_pool_size": str(pool.min_size),
        }
        if pool.max_db_connections is not None:
            parts["max_db_connections"] = str(pool.max_db_connections)
        return f"{pool.name} = {' '.join(f'{name}={_quoted(value)}' for name, value in parts.items())}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
