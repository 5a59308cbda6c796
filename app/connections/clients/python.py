"""asyncpg, psycopg 3, and SQLAlchemy on each of them."""

from app.connections.clients.context import ConnectionContext, Rendered, programme

_RUN = "python database.py"
_BY_LIBPQ = "libpq reads the PG* variables by itself, the path of the root certificate too."
_ALEMBIC = "Give Alembic DIRECT_URL: its advisory lock and its transactions need the server itself."


def asyncpg(context: ConnectionContext) -> Rendered:
    return Rendered(
        text=context.url(),
        files=programme("asyncpg", "database.py"),
        install=("pip install 'asyncpg>=0.30'",),
        run=_RUN,
        notes=("asyncpg cannot verify by sslmode alone: the programme gives it the roots of DATABASE_CA.",),
    )


def psycopg(context: ConnectionContext) -> Rendered:
    return Rendered(
        text=context.url(),
        files=programme("psycopg", "database.py"),
        install=("pip install 'psycopg[binary,pool]>=3.2'",),
        run=_RUN,
        notes=(_BY_LIBPQ,),
    )


def sqlalchemy_asyncpg(context: ConnectionContext) -> Rendered:
    """The dialect hands what stands behind the ? on to asyncpg, which knows no sslmode as an argument."""
    scheme = "postgresql+asyncpg"
    return Rendered(
        text=context.url(tls=False, scheme=scheme),
        files=programme("sqlalchemy_asyncpg", "database.py"),
        environment={
            "DATABASE_URL": context.url(tls=False, scheme=scheme),
            "DIRECT_URL": context.url(context.direct, tls=False, scheme=scheme),
        },
        install=("pip install 'sqlalchemy[asyncio]>=2.1' 'asyncpg>=0.30'",),
        run=_RUN,
        notes=("The URL says nothing of encryption: the programme does, by PGSSLMODE and DATABASE_CA.", _ALEMBIC),
    )


def sqlalchemy_psycopg(context: ConnectionContext) -> Rendered:
    scheme = "postgresql+psycopg"
    return Rendered(
        text=context.url(scheme=scheme),
        files=programme("sqlalchemy_psycopg", "database.py"),
        environment={
            "DATABASE_URL": context.url(scheme=scheme),
            "DIRECT_URL": context.url(context.direct, scheme=scheme),
        },
        install=("pip install 'sqlalchemy>=2.1' 'psycopg[binary]>=3.2'",),
        run=_RUN,
        notes=(_BY_LIBPQ, _ALEMBIC),
    )
