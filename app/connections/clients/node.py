"""The drivers and mappers of Node.js, but for Prisma."""

from typing import Final

from app.connections.clients.context import ConnectionContext, Rendered, programme
from app.connections.models import PoolMode

_RUN_JS: Final = "node main.mjs"
_RUN_TS: Final = "node --import tsx main.ts"
_DRIZZLE: Final = ("database.ts", "drizzle.config.ts", "main.ts", "schema.ts")

_JS: Final = programme("node", "connection.mjs")
_TS: Final = programme("node", "connection.ts")

_BY_PROGRAMME: Final = (
    "node's drivers read sslmode differently from libpq and from each other, so the programme sets encryption itself, by "
    "PGSSLMODE and DATABASE_CA."
)
_STOP: Final = (
    "On SIGTERM it closes its server first and the pool then. On Railway set RAILWAY_DEPLOYMENT_DRAINING_SECONDS to more "
    "than 10, or it is killed at once."
)
_NO_NAMES: Final = "This pooler loses named prepared statements: give queries no name."


def node_postgres(context: ConnectionContext) -> Rendered:
    return Rendered(
        text=context.url(tls=False),
        files=_JS | programme("node_postgres", "database.mjs", "main.mjs"),
        install=("npm install pg@8",),
        run=_RUN_JS,
        notes=(_BY_PROGRAMME, _STOP),
        warnings=_if(_NO_NAMES, when=not context.prepared_statements),
    )


def postgres_js(context: ConnectionContext) -> Rendered:
    return Rendered(
        text=context.url(tls=False),
        files=_JS | programme("postgres_js", "database.mjs", "main.mjs"),
        install=("npm install postgres@3",),
        run=_RUN_JS,
        notes=(_BY_PROGRAMME, _STOP),
        warnings=_if(
            "sql.listen() needs a session of its own: open a second pool on DIRECT_URL for it.",
            when=context.is_pooled and context.pool_mode is not PoolMode.SESSION,
        ),
    )


def sequelize(context: ConnectionContext) -> Rendered:
    return Rendered(
        text=context.url(tls=False),
        files=_JS | programme("sequelize", "database.mjs", "main.mjs"),
        install=("npm install sequelize@6 pg@8",),
        run=_RUN_JS,
        notes=(
            _BY_PROGRAMME,
            "Sessions keep the time zone of the server, where Sequelize would set UTC in each.",
            "sequelize-cli is to migrate by DIRECT_URL.",
            _STOP,
        ),
    )


def typeorm(context: ConnectionContext) -> Rendered:
    return Rendered(
        text=context.url(tls=False),
        files=_TS | programme("typeorm", "database.ts", "main.ts", "migrations.ts"),
        install=("npm install typeorm@1 pg@8 reflect-metadata", "npm install --save-dev tsx"),
        run=_RUN_TS,
        notes=(_BY_PROGRAMME, "Migrations go by DIRECT_URL: the first lines of migrations.ts say how.", _STOP),
    )


def drizzle_node_postgres(context: ConnectionContext) -> Rendered:
    return _drizzle("drizzle_node_postgres", "pg@8", context)


def drizzle_postgres_js(context: ConnectionContext) -> Rendered:
    return _drizzle("drizzle_postgres_js", "postgres@3", context)


def _drizzle(client: str, driver: str, context: ConnectionContext) -> Rendered:
    return Rendered(
        text=context.url(tls=False),
        files=_TS | programme(client, *_DRIZZLE),
        install=(f"npm install drizzle-orm {driver}", "npm install --save-dev drizzle-kit tsx"),
        run=_RUN_TS,
        notes=(_BY_PROGRAMME, "drizzle-kit migrates by DIRECT_URL, which drizzle.config.ts reads.", _STOP),
        warnings=_if(
            "This pooler loses named prepared statements: do not call .prepare(name) on queries.",
            when=not context.prepared_statements,
        ),
    )


def _if(warning: str, *, when: bool) -> tuple[str, ...]:
    return (warning,) if when else ()
