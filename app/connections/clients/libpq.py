"""What stands on libpq and is no programme: psql, and its two kinds of connection strings."""

from app.connections.clients.context import CA_FILE, ConnectionContext, Rendered, programme
from app.connections.clients.quoting import keywords, shell

_CWD = f"The root certificate is looked for in the working directory: put {CA_FILE} there, or name its whole path."


def psql(context: ConnectionContext) -> Rendered:
    """The password goes by PGPASSWORD: arguments are read by everybody on the machine."""
    return Rendered(
        text=f"psql {shell(keywords(_values(context, password=False)))}",
        files=programme("psql", "connect.sh"),
        run="sh connect.sh",
        notes=("The command reads the password from PGPASSWORD, or asks for it.", *_notes(context)),
    )


def uri(context: ConnectionContext) -> Rendered:
    beside = ("host", "port", "dbname", "user", "password", "sslmode")
    more = {name: value for name, value in _values(context).items() if name not in beside}
    return Rendered(text=context.url(more=more), notes=_notes(context))


def key_value_pairs(context: ConnectionContext) -> Rendered:
    return Rendered(text=keywords(_values(context)), notes=_notes(context))


def _values(context: ConnectionContext, *, password: bool = True) -> dict[str, str]:
    address = context.address
    values = {"host": address.host, "port": str(address.port), "dbname": context.database, "user": context.user}
    if password:
        values["password"] = context.password
    values["sslmode"] = address.tls.value
    if address.verifies and context.ca_pem is not None:
        values["sslrootcert"] = CA_FILE
    values |= {
        "application_name": context.application_name,
        "connect_timeout": str(context.connect_timeout_seconds),
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    }
    if context.statement_timeout_seconds is not None and not context.is_pooled:
        values["options"] = f"-c statement_timeout={context.statement_timeout_seconds}s"
    return values


def _notes(context: ConnectionContext) -> tuple[str, ...]:
    return (_CWD,) if context.address.verifies and context.ca_pem is not None else ()
