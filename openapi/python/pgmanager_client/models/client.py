from enum import StrEnum


class Client(StrEnum):
    ASYNCPG = "asyncpg"
    DRIZZLE_NODE_POSTGRES = "drizzle-node-postgres"
    DRIZZLE_POSTGRES_JS = "drizzle-postgres-js"
    JDBC = "jdbc"
    LIBPQ_KEYWORDS = "libpq-keywords"
    LIBPQ_URI = "libpq-uri"
    NODE_POSTGRES = "node-postgres"
    NPGSQL = "npgsql"
    PGADMIN = "pgadmin"
    PGX = "pgx"
    POSTGRES_JS = "postgres-js"
    POSTICO = "postico"
    PRISMA_6 = "prisma-6"
    PRISMA_7 = "prisma-7"
    PSQL = "psql"
    PSYCOPG = "psycopg"
    SEQUELIZE = "sequelize"
    SQLALCHEMY_ASYNCPG = "sqlalchemy-asyncpg"
    SQLALCHEMY_PSYCOPG = "sqlalchemy-psycopg"
    TYPEORM = "typeorm"

    @classmethod
    def _missing_(cls, value: object) -> "Client | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
