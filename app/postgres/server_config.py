"""The configuration of a server of ours, as text: small, loopback only, no login without a password."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

HBA: Final = """\
# type  database     user  address       method
local   all          all                 scram-sha-256
host    all          all   127.0.0.1/32  scram-sha-256
host    all          all   ::1/128       scram-sha-256
host    replication  all   127.0.0.1/32  scram-sha-256
"""

# The socket of the machine itself stays as it is: nothing leaves by it.
HBA_OF_TLS: Final = re.sub(r"^host   ", "hostssl", HBA, flags=re.MULTILINE)

_SOCKET_PATH_BYTES: Final = 107  # sockaddr_un.sun_path without its closing zero


def render(
    *,
    data: Path,
    port: int,
    sockets: Path,
    hba: Path,
    tls_identity: Path | None,
    has_contrib: bool,
    fsync: bool,
    settings: Mapping[str, str],
) -> str:
    """``tls_identity`` holds certificate and key. ``settings`` come last, so they win; ALTER SYSTEM wins over all of it."""
    socket_path = sockets / f".s.PGSQL.{port}.lock"
    values = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(sockets) if len(bytes(socket_path)) <= _SOCKET_PATH_BYTES else "",
        "hba_file": str(hba),
        "password_encryption": "scram-sha-256",
        "max_connections": "100",
        "shared_buffers": "64MB",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] %q%u@%d %a ",
    }
    if tls_identity:
        values |= {
            "ssl": "on",
            "ssl_cert_file": str(tls_identity),
            "ssl_key_file": str(tls_identity),
            "ssl_min_protocol_version": "TLSv1.2",
        }
    if has_contrib:
        values["shared_preload_libraries"] = "pg_stat_statements"
    if not fsync:
        values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    lines = [f"{name} = {_quoted(value)}" for name, value in (values | dict(settings)).items()]
    return "\n".join([f"include {_quoted(str(data / 'postgresql.conf'))}", *lines, ""])


def _quoted(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("'", "''").replace("\n", r"\n")
    return f"'{escaped}'"
