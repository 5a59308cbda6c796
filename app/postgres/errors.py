"""What can go wrong on the way to a PostgreSQL server and on it, as problems that name the server and the way out."""

import socket
import ssl
from typing import TYPE_CHECKING, Final

import asyncpg

from app.errors import Conflict, Problem, Unavailable, Unprocessable

if TYPE_CHECKING:
    from app.postgres.connect import Target

# All that asyncpg raises. The last is what a statement gets whose connection was lost in the moment before it.
DRIVER_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class ToolMissing(Unprocessable):
    code, title = "TOOLCHAIN_MISSING", "A PostgreSQL program is missing on this machine"


class VersionUnsupported(Unprocessable):
    code, title = "VERSION_UNSUPPORTED", "This combination of versions is not possible"


class ConnectionStringInvalid(Unprocessable):
    code, title = "CONNECTION_STRING_INVALID", "The connection string cannot be used"


class ServerUnreachable(Unavailable):
    code, title = "DATABASE_UNREACHABLE", "The database server cannot be reached"


class AuthenticationFailed(Unprocessable):
    code, title = "AUTHENTICATION_FAILED", "The database server refused the login"


class TlsFailed(Unprocessable):
    code, title = "TLS_FAILED", "No acceptable encryption with the database server"


class PoolerRefused(Unprocessable):
    code, title = "POOLER_REFUSED", "The address leads to a connection pooler"


class DatabaseAbsent(Unprocessable):
    code, title = "DATABASE_ABSENT", "There is no such database on the server"


class TooManyConnections(Unavailable):
    code, title = "TOO_MANY_CONNECTIONS", "The database server has no free connection"


class PoolExhausted(Unavailable):
    code, title = "POOL_EXHAUSTED", "All of our connections to this database are busy"


class ReadOnlyMode(Unavailable):
    code, title = "READ_ONLY_MODE", "The database server accepts no writes"


class QueryFailed(Unprocessable):
    """A statement that the server refused; ``database`` in the members carries its SQLSTATE."""

    code, title = "SQL_ERROR", "The database refused a statement"


class PrivilegeMissing(QueryFailed):
    """Our login, or the one that was given, lacks a right on the server."""

    status, code, title = 409, "PRIVILEGE_MISSING", "The login may not do this"


class LockTimeout(QueryFailed):
    status, code, title, retryable = 409, "LOCK_TIMEOUT", "A lock was not granted in time", True


class Deadlock(QueryFailed):
    status, code, title, retryable = 409, "DEADLOCK", "A deadlock was resolved against this statement", True


class SerializationFailed(QueryFailed):
    status, code, title, retryable = 409, "SERIALIZATION", "A concurrent transaction got in the way", True


class StatementTimeout(QueryFailed):
    status, code, title, retryable = 504, "STATEMENT_TIMEOUT", "A statement took too long", True


class DiskFull(QueryFailed):
    status, code, title = 507, "DISK_FULL", "The disk of the database server is full"


class ClusterFailed(Problem):
    code, title = "CLUSTER_FAILED", "A PostgreSQL server of this machine failed"


class PortTaken(ClusterFailed):
    code, title = "PORT_TAKEN", "Another program uses the port"


class DataDirectoryUnreachable(ClusterFailed):
    code, title = "DATA_DIRECTORY_UNREACHABLE", "The server's user cannot enter a folder"


class PoolerFailed(Problem):
    code, title = "POOLER_FAILED", "The connection pooler failed"


class PoolerPortTaken(PoolerFailed):
    code, title = "POOLER_PORT_TAKEN", "Another program uses the pooler's port"


class PoolerUnreachable(Unavailable):
    code, title = "POOLER_UNREACHABLE", "The connection pooler does not answer"


class PoolerSchemaForeign(Conflict):
    code, title = "POOLER_SCHEMA_FOREIGN", "Another role owns the pooler's schema"


def translate(error: BaseException, target: "Target") -> Problem:  # noqa: PLR0911 (one per cause)
    """The problem behind an error of asyncpg, the network or TLS. A problem is returned as it is."""
    error = _behind(error)
    if isinstance(error, Problem):
        return error
    if isinstance(error, asyncpg.PostgresError):
        return _of_server(error, target)
    where = _address(target)
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsFailed(
            f"The certificate of {where} is not trusted: {error.verify_message}. Pin the root certificate that signed "
            "it, or use sslmode=require, which encrypts without checking it."
        )
    if isinstance(error, ssl.SSLError):
        return TlsFailed(
            f"The TLS handshake with {where} failed: {getattr(error, 'reason', None) or 'no reason given'}."
        )
    if _is_tls_refusal(error):
        return TlsFailed(
            f"{where} offers no TLS. Use sslmode=prefer or disable, or turn on TLS on the server. Perhaps no PostgreSQL "
            "server listens there: check the port."
        )
    if isinstance(error, socket.gaierror):
        return ServerUnreachable(f"The host name of {where} could not be resolved ({error.strerror}).")
    if isinstance(error, ConnectionRefusedError):
        return ServerUnreachable(f"{where} refused the connection: no server listens there, or a firewall refuses it.")
    if isinstance(error, TimeoutError):
        return ServerUnreachable(
            f"{where} did not answer in time: it is down or overloaded, a firewall drops packets, or another program "
            "has the port."
        )
    if isinstance(error, (OSError, *DRIVER_ERRORS)):
        return ServerUnreachable(f"The connection to {where} failed: {error}.")
    return Problem(f"An unexpected {type(error).__name__} ended the work on {where}; the log has more.")


def closed_early(target: "Target") -> ServerUnreachable:
    """For a connection that the other side ended before it was a session."""
    return ServerUnreachable(
        f"{_address(target)} closed the connection before the login: it is going down, or no PostgreSQL server listens "
        "there (check the port)."
    )


def is_refusal_of_transport(error: BaseException) -> bool:
    """Whether the same login may succeed without TLS, which is what libpq's ``prefer`` then tries."""
    refused = isinstance(error, ssl.SSLError | asyncpg.InvalidAuthorizationSpecificationError)
    return _is_tls_refusal(error) or (refused and not isinstance(error, asyncpg.InvalidPasswordError))


def _behind(error: BaseException) -> BaseException:
    """Leaving a transaction whose connection is gone is an error of asyncpg's own; what went wrong inside says more."""
    ours = (asyncpg.InterfaceError, asyncpg.InternalClientError)
    while isinstance(error, ours) and isinstance(error.__context__, (Problem, OSError, *DRIVER_ERRORS)):
        error = error.__context__
    if isinstance(error, asyncpg.InternalClientError) or (isinstance(error, ours) and "is closed" in str(error)):
        return ConnectionError("it was lost while it was used")
    return error


def _is_tls_refusal(error: BaseException) -> bool:
    # asyncpg has no class of its own for a server that answers "N" to the TLS request.
    return type(error) is ConnectionError and "rejected SSL upgrade" in str(error)


def _of_server(error: asyncpg.PostgresError, target: "Target") -> Problem:  # noqa: PLR0911 (one per cause)
    where, state, said = _address(target), error.sqlstate or "", error.args[0] if error.args else ""
    match state:
        case "28P01":
            return AuthenticationFailed(f"{where} refused the password of {target.user!r}.")
        case "28000":
            return AuthenticationFailed(f"{where} does not let {target.user!r} in: {said}.")
        case "3D000":
            return DatabaseAbsent(f"There is no database {target.database!r} on {where}.")
        case "53300":
            return TooManyConnections(f"{where} has no free connection slot: {said}.", retry_after=5)
        case "57P03":
            return ServerUnreachable(f"{where} takes no connections at the moment: {said}.", retry_after=2)
        case "08P01" if "startup parameter" in said:
            return PoolerRefused(f"{where} is a connection pooler ({said}). Give the address of the server behind it.")
        case "57P01" | "57P02" | "57P05":
            return ServerUnreachable(f"{where} ended the connection: {said}.")
        case "25006":
            return ReadOnlyMode(f"{where} accepts no writes: it is a standby or was set to read only.")
    if isinstance(error, asyncpg.PostgresConnectionError):
        return ServerUnreachable(f"The connection to {where} was lost: {said}.")
    # Neither the statement nor the DETAIL line is passed on: both may hold a customer's data.
    report = {
        "sqlstate": error.sqlstate,
        "severity": error.severity,
        "position": error.position,
        "hint": error.hint,
        "schema": error.schema_name,
        "table": error.table_name,
        "column": error.column_name,
        "constraint": error.constraint_name,
    }
    problem = _STATEMENT_PROBLEMS.get(state, QueryFailed)
    return problem(
        f"{where}, database {target.database!r}: {said}.",
        database={name: value for name, value in report.items() if value is not None},
    )


_STATEMENT_PROBLEMS: dict[str, type[QueryFailed]] = {
    "42501": PrivilegeMissing,
    "55P03": LockTimeout,
    "40P01": Deadlock,
    "40001": SerializationFailed,
    "57014": StatementTimeout,
    "53100": DiskFull,
}


def _address(target: "Target") -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{host}:{target.port}"
