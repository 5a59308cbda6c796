"""What somebody who connects in this way has to know beforehand."""

from collections.abc import Iterator

from app.connections.application_variables import VariableNames
from app.connections.choosing import Chosen
from app.connections.clients.context import ConnectionContext
from app.connections.endpoints import ConnectionEndpoint, EndpointKind
from app.connections.models import LoginKind, LoginState, PoolMode
from app.connections.schemas import ConnectionStringsWish, Mode, PoolAdvice
from app.connections.sizing import is_many
from app.databases.models import Database, ProviderName
from app.kit.ids import encode_id
from app.postgres.connect import TlsMode
from app.providers.railway.place import Place
from app.providers.railway.rewriting import reference


def warnings_about(
    database: Database,
    *,
    endpoint: ConnectionEndpoint,
    chosen: Chosen,
    context: ConnectionContext,
    wish: ConnectionStringsWish,
    pool: PoolAdvice,
) -> list[str]:
    path = f"/v1/databases/{encode_id('db', database.id)}"
    return [
        *_about_login(chosen, path),
        *_about_network(database, endpoint),
        *_about_tls(context, path),
        *(_about_pooling(context, wish, path) if context.is_pooled else ()),
        *_about_pool(pool, wish),
    ]


def references_instead(database: Database, endpoint: ConnectionEndpoint, chosen: Chosen) -> list[str]:
    """What services beside the database should hold in place of a copy."""
    has_variable = chosen.login is None or chosen.application is not None
    if database.provider != ProviderName.RAILWAY or endpoint.network is not EndpointKind.PRIVATE or not has_variable:
        return []
    name = VariableNames.of(chosen.application).url if chosen.application else "DATABASE_URL"
    written = reference(Place.of(database.provider_data).service_name or "Postgres", name)
    note = (
        f"Services of the same environment at Railway should hold the reference {written} instead of a copy, which no "
        "rotation reaches: PUT /v1/databases/{database_id}/consumers/{service}."
    )
    return [note]


def _about_login(chosen: Chosen, path: str) -> Iterator[str]:
    if chosen.login is None:
        yield (
            f"{chosen.role} is the login of this service itself, mostly a superuser: whoever finds it owns the server. Give "
            f"applications one of their own: POST {path}:harden."
        )
    elif chosen.login.kind == LoginKind.TEMPORARY and chosen.login.expires_at is not None:
        yield f"{chosen.role} ends at {chosen.login.expires_at:%Y-%m-%d %H:%M} UTC, and its sessions with it."
    elif chosen.login.state == LoginState.RETIRING:
        yield f"{chosen.role} is being retired: it works until the rotation that is under way ends."


def _about_network(database: Database, endpoint: ConnectionEndpoint) -> Iterator[str]:
    if database.provider != ProviderName.RAILWAY:
        return
    if endpoint.network is EndpointKind.PUBLIC:
        yield (
            "What leaves by the public address is billed as egress: services of the same environment should use the "
            "private one. Its host and port change when public access is switched off and on."
        )
        return
    yield (
        f"{endpoint.host} resolves inside its environment at Railway only, and only while a service runs: a build, a laptop "
        "or another project does not find it. In the first seconds of a container it may not resolve yet: try again."
    )
    yield (
        "Environments made before October 2025 give private names IPv6 addresses only: a client that asks for IPv4 alone "
        "finds nothing there."
    )


def _about_tls(context: ConnectionContext, path: str) -> Iterator[str]:
    match context.address.tls:
        case TlsMode.DISABLE:
            yield "Nothing is encrypted: passwords and data can be read on their way."
        case TlsMode.REQUIRE:
            yield (
                "It is encrypted, but whom the client speaks to is not checked: no root is pinned, or the server shows "
                f"another certificate than the pinned one, or sslmode=require was asked for. See GET {path}/certificate."
            )
        case TlsMode.VERIFY_CA | TlsMode.VERIFY_FULL if context.ca_pem is None:
            yield (
                "The server's certificate is checked by the roots of the client's machine. libpq takes them by "
                "sslrootcert=system from 16 on; older ones need the path of the machine's bundle there."
            )
        case _:
            yield (
                "The root certificate is pinned: never replace the check by rejectUnauthorized: false or "
                "sslmode=require, which accept the certificate of whoever stands in between."
            )


def _about_pooling(context: ConnectionContext, wish: ConnectionStringsWish, path: str) -> Iterator[str]:
    yield "Migrations, dumps and restores need the server's own address: DIRECT_URL."
    if context.pool_mode is not PoolMode.SESSION:
        yield (
            "Between two transactions the session may be another one: SET, LISTEN, session advisory locks, temporary "
            "tables, cursors WITH HOLD and PREPARE written in SQL do not last. Use SET LOCAL and pg_advisory_xact_lock."
        )
    if not context.prepared_statements:
        yield (
            "This pooler does not follow prepared statements from one server connection to another, or its version is not "
            "known: DATABASE_PREPARED_STATEMENTS=false keeps the client from naming them."
        )
    if wish.statement_timeout_seconds is not None:
        yield (
            "PgBouncer refuses statement_timeout and options at the start of a session, so the timeout stands in no string: "
            f"set it for the role, by PUT {path}/roles/{{role}} or ALTER ROLE … SET statement_timeout."
        )


def _about_pool(pool: PoolAdvice, wish: ConnectionStringsWish) -> Iterator[str]:
    if is_many(wish.mode, pool):
        yield (
            f"While a deployment rolls, old and new processes hold {pool.connections} connections. PostgreSQL's own default "
            "is 100 for everybody: hold fewer, or go through the pooler."
        )
    if wish.mode is Mode.READ:
        yield "Replicas lag behind the leader and take no writes: send there only what may be seconds old."
