"""The variables by which people's programmes look for their database: the same for all clients."""

from app.connections.clients.context import CA_FILE, ConnectionContext
from app.postgres.connect import TlsMode


def environment(context: ConnectionContext) -> dict[str, str]:
    address = context.address
    values = {"DATABASE_URL": context.url(), "DIRECT_URL": context.url(context.direct)}
    if context.public is not None:
        values["DATABASE_PUBLIC_URL"] = context.url(context.public)
    values |= {
        "PGHOST": address.host,
        "PGPORT": str(address.port),
        "PGUSER": context.user,
        "PGPASSWORD": context.password,
        "PGDATABASE": context.database,
        "PGSSLMODE": address.tls.value,
        "PGAPPNAME": context.application_name,
        "PGCONNECT_TIMEOUT": str(context.connect_timeout_seconds),
        "DATABASE_SSL_REQUIRED": "false" if address.tls is TlsMode.DISABLE else "true",
        "DATABASE_POOL_MIN": str(context.pool_min),
        "DATABASE_POOL_MAX": str(context.pool_max),
    }
    if context.ca_pem is not None:
        values["DATABASE_CA"] = context.ca_pem
        if (
            address.verifies
        ):  # libpq would hold it against a pooler of which nothing is pinned, even with sslmode=require
            values["PGSSLROOTCERT"] = CA_FILE
    if context.statement_timeout_seconds is not None and not context.is_pooled:
        values["DATABASE_STATEMENT_TIMEOUT"] = str(context.statement_timeout_seconds)
    if not context.prepared_statements:
        values["DATABASE_PREPARED_STATEMENTS"] = "false"
    return values
