"""JDBC with HikariCP, Go's pgx, and .NET's Npgsql."""

from typing import Final

from app.connections.clients.context import CA_FILE, ConnectionContext, Rendered, programme
from app.connections.clients.quoting import bracketed, escaped, query, semicolons
from app.postgres.connect import TlsMode

_NPGSQL_MODES: Final = {
    TlsMode.DISABLE: "Disable",
    TlsMode.REQUIRE: "Require",
    TlsMode.VERIFY_CA: "VerifyCA",
    TlsMode.VERIFY_FULL: "VerifyFull",
}


def jdbc(context: ConnectionContext) -> Rendered:
    """Credentials go beside the URL, which drivers log."""
    address = context.address
    values = {"sslmode": address.tls.value}
    if address.verifies and context.ca_pem is not None:
        values["sslrootcert"] = CA_FILE
    values |= {
        "ApplicationName": context.application_name,
        "connectTimeout": str(context.connect_timeout_seconds),
        "socketTimeout": str((context.statement_timeout_seconds or 55) + 5),
        "tcpKeepAlive": "true",
    }
    if context.statement_timeout_seconds is not None and not context.is_pooled:
        values["options"] = f"-c statement_timeout={context.statement_timeout_seconds}s"
    if not context.prepared_statements:
        values["prepareThreshold"] = "0"
    where = f"{bracketed(address.host)}:{address.port}/{escaped(context.database)}"
    url = f"jdbc:postgresql://{where}?{query(values)}"
    return Rendered(
        text=url,
        files=programme("jdbc", "Database.java"),
        environment={"JDBC_DATABASE_URL": url},
        install=("org.postgresql:postgresql, com.zaxxer:HikariCP and an slf4j binding, by Maven or Gradle",),
        run="java -cp 'lib/*' Database.java",
        notes=("Flyway and Liquibase hold advisory locks for a session: give them the server's own address.",),
    )


def pgx(context: ConnectionContext) -> Rendered:
    return Rendered(
        text=context.url(),
        files=programme("pgx", "main.go"),
        install=("go mod init example", "go get github.com/jackc/pgx/v5"),
        run="go run .",
    )


def npgsql(context: ConnectionContext) -> Rendered:
    address = context.address
    values = {
        "Host": address.host,
        "Port": str(address.port),
        "Database": context.database,
        "Username": context.user,
        "Password": context.password,
        "SSL Mode": _NPGSQL_MODES[address.tls],
    }
    if address.verifies and context.ca_pem is not None:
        values["Root Certificate"] = CA_FILE
    values |= {
        "Application Name": context.application_name,
        "Minimum Pool Size": str(context.pool_min),
        "Maximum Pool Size": str(context.pool_max),
        "Timeout": str(context.connect_timeout_seconds),
        "Command Timeout": str((context.statement_timeout_seconds or 25) + 5),
        "Keepalive": "30",
        "Connection Idle Lifetime": "300",
        "Connection Lifetime": "1800",
    }
    if context.is_pooled:
        values["No Reset On Close"] = "true"  # the pooler resets, and DISCARD ALL would go to anybody's connection
    elif context.statement_timeout_seconds is not None:
        values["Options"] = f"-c statement_timeout={context.statement_timeout_seconds}s"
    text = semicolons(values)
    return Rendered(
        text=text,
        files=programme("npgsql", "Program.cs"),
        environment={"ConnectionStrings__Default": text},
        install=("dotnet new console", "dotnet add package Npgsql"),
        run="dotnet run",
    )
