"""Prisma, whose client connects by node-postgres and whose commands by an engine of their own."""

from typing import Final

from app.connections.clients.context import CA_FILE, ConnectionContext, Rendered, programme
from app.postgres.connect import TlsMode

_RUN: Final = "npx prisma generate && node --import tsx main.ts"
_FILES: Final = ("prisma/schema.prisma", "database.ts", "main.ts")

_ENGINE: Final = (
    "Prisma's commands (migrate, db, studio) connect by DIRECT_URL and by an engine that knows no verify-ca, and would take "
    "sslmode=verify-ca for prefer. DIRECT_URL says sslmode=require."
)
_UNVERIFIED: Final = (
    "prisma migrate encrypts but does not check the server, whose certificate names localhost: run it inside the private "
    "network. The application itself checks it, by the adapter."
)
_SHADOW: Final = (
    "`prisma migrate dev` empties and fills the database of SHADOW_DATABASE_URL: make one for it, and never name the "
    "database itself. `prisma migrate deploy` needs none."
)


def prisma_6(context: ConnectionContext) -> Rendered:
    engine = (
        "This pooler loses named prepared statements. The adapter uses none; with the Rust engine instead of it, "
        "DATABASE_URL needs pgbouncer=true."
        if not context.prepared_statements
        else "Leave pgbouncer=true away, also with the Rust engine instead of the adapter: named statements are kept."
    )
    return _rendered(
        context,
        files=programme("prisma_6", *_FILES),
        install=(
            "npm install @prisma/client@6 @prisma/adapter-pg@6",
            "npm install --save-dev prisma@6 tsx",
        ),
        note=engine,
    )


def prisma_7(context: ConnectionContext) -> Rendered:
    return _rendered(
        context,
        files=programme("prisma_7", "prisma.config.ts", *_FILES),
        install=(
            "npm install @prisma/client@7 @prisma/adapter-pg@7",
            "npm install --save-dev prisma@7 tsx",
        ),
        note="Version 7 has no directUrl: its commands read prisma.config.ts, which names DIRECT_URL, and the adapter "
        "reads DATABASE_URL. It uses no named prepared statements, so no pooler needs pgbouncer=true.",
    )


def _rendered(context: ConnectionContext, files: dict[str, str], install: tuple[str, ...], note: str) -> Rendered:
    engine_tls = _engine_tls(context)
    return Rendered(
        text=context.url(tls=False),
        files=programme("node", "connection.ts") | files,
        environment={
            "DATABASE_URL": context.url(tls=False),
            "DIRECT_URL": context.url(context.direct, tls=False, more=engine_tls),
            "SHADOW_DATABASE_URL": context.url(
                context.direct, database=context.shadow_database, tls=False, more=engine_tls
            ),
        },
        install=install,
        run=_RUN,
        notes=(note, _ENGINE, _SHADOW),
        warnings=(_UNVERIFIED,) if context.direct.tls is TlsMode.VERIFY_CA else (),
    )


def _engine_tls(context: ConnectionContext) -> dict[str, str]:
    """The engine either checks chain and name or nothing. Paths of certificates count from the schema's folder."""
    mode = context.direct.tls
    if mode is TlsMode.DISABLE:
        return {"sslmode": "disable"}
    if mode is TlsMode.VERIFY_FULL:
        root = {"sslcert": f"../{CA_FILE}"} if context.ca_pem else {}
        return {"sslmode": "require", "sslaccept": "strict", **root}
    return {"sslmode": "require", "sslaccept": "accept_invalid_certs"}
