"""Every client there is."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from app.connections.clients import compiled, desktop, libpq, node, prisma, python
from app.connections.clients.context import ConnectionContext, Rendered


class Client(StrEnum):
    PSQL = "psql"
    LIBPQ_URI = "libpq-uri"
    LIBPQ_KEYWORDS = "libpq-keywords"
    ASYNCPG = "asyncpg"
    PSYCOPG = "psycopg"
    SQLALCHEMY_ASYNCPG = "sqlalchemy-asyncpg"
    SQLALCHEMY_PSYCOPG = "sqlalchemy-psycopg"
    NODE_POSTGRES = "node-postgres"
    POSTGRES_JS = "postgres-js"
    PRISMA_6 = "prisma-6"
    PRISMA_7 = "prisma-7"
    TYPEORM = "typeorm"
    DRIZZLE_NODE_POSTGRES = "drizzle-node-postgres"
    DRIZZLE_POSTGRES_JS = "drizzle-postgres-js"
    SEQUELIZE = "sequelize"
    JDBC = "jdbc"
    PGX = "pgx"
    NPGSQL = "npgsql"
    PGADMIN = "pgadmin"
    POSTICO = "postico"


RENDER: Final[Mapping[Client, Callable[[ConnectionContext], Rendered]]] = {
    Client.PSQL: libpq.psql,
    Client.LIBPQ_URI: libpq.uri,
    Client.LIBPQ_KEYWORDS: libpq.key_value_pairs,
    Client.ASYNCPG: python.asyncpg,
    Client.PSYCOPG: python.psycopg,
    Client.SQLALCHEMY_ASYNCPG: python.sqlalchemy_asyncpg,
    Client.SQLALCHEMY_PSYCOPG: python.sqlalchemy_psycopg,
    Client.NODE_POSTGRES: node.node_postgres,
    Client.POSTGRES_JS: node.postgres_js,
    Client.PRISMA_6: prisma.prisma_6,
    Client.PRISMA_7: prisma.prisma_7,
    Client.TYPEORM: node.typeorm,
    Client.DRIZZLE_NODE_POSTGRES: node.drizzle_node_postgres,
    Client.DRIZZLE_POSTGRES_JS: node.drizzle_postgres_js,
    Client.SEQUELIZE: node.sequelize,
    Client.JDBC: compiled.jdbc,
    Client.PGX: compiled.pgx,
    Client.NPGSQL: compiled.npgsql,
    Client.PGADMIN: desktop.pgadmin,
    Client.POSTICO: desktop.postico,
}
