"""The variables by which applications find their database."""

from urllib.parse import quote

from app.postgres.connect import Target, TlsMode

MASK = "***"


def variables_of(target: Target, *, reveal: bool) -> dict[str, str]:
    """The names of Railway's own template, and PGSSLMODE. Without ``reveal`` passwords are masked."""
    password = target.password.get_secret_value() if reveal else MASK
    host = f"[{target.host}]" if ":" in target.host else target.host
    login = f"{quote(target.user, safe='')}:{quote(password, safe='*')}"
    # What verifies needs the root certificate in a file of the client's; a string alone can only ask for encryption.
    tls = TlsMode.REQUIRE if target.tls in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL) else target.tls
    # Clients other than libpq do not know "prefer", and it is what they do when nothing is said.
    mode = "" if tls is TlsMode.PREFER else f"?sslmode={tls.value}"
    return {
        "DATABASE_URL": f"postgresql://{login}@{host}:{target.port}/{quote(target.database, safe='')}{mode}",
        "PGHOST": target.host,
        "PGPORT": str(target.port),
        "PGUSER": target.user,
        "PGPASSWORD": password,
        "PGDATABASE": target.database,
        "PGSSLMODE": tls.value,
        "POSTGRES_USER": target.user,
        "POSTGRES_PASSWORD": password,
        "POSTGRES_DB": target.database,
    }
