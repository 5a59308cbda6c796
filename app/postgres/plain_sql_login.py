"""The login that a plain SQL file runs as: made for it, no superuser, owner of nothing but one database, and gone after."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import asyncpg
from pydantic import SecretStr

from app.errors import Unprocessable
from app.postgres.connect import Session, Target, connect
from app.postgres.facts import login
from app.postgres.identifiers import literal, quoted
from app.postgres.making import CONNECTION_LIMIT, Shape, create_database
from app.postgres.roles import create_roles

_PUBLIC_IS_OURS: Final = 15  # the major since which an owner of a database owns its schema public
_ROLES: Final = "SELECT rolname FROM pg_catalog.pg_roles WHERE starts_with(rolname, $1)"
_CONTENT: Final = """
SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.relowner OPERATOR(pg_catalog.=) $1::pg_catalog.oid
 ORDER BY 1, 2
"""


class OwnerUnknown(Unprocessable):
    code, title = "ROLE_MISSING", "The server lacks a role"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no role {name!r} on the server. Create it, or leave owner out.")


@dataclass(frozen=True, slots=True)
class Content:
    tables: int
    rows: int
    size_bytes: int


async def make_login(session: Session, name: str) -> SecretStr:
    """A role that may log in and nothing else; its password."""
    password = SecretStr(secrets.token_urlsafe(32))
    await session.execute(
        f"CREATE ROLE {quoted(name)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
        f" CONNECTION LIMIT {CONNECTION_LIMIT} PASSWORD {literal(password.get_secret_value())}"
    )
    if not (await login(session)).is_superuser:
        # Else we could neither give the role a database, nor take it from it.
        await session.execute(f"GRANT {quoted(name)} TO CURRENT_USER")
    return password


async def make_database(session: Session, name: str, *, server_major: int) -> None:
    """Empty, in the server's own locale, and owned by the role of the same name."""
    await create_database(session, name, Shape("UTF8", "", "", provider="the server's"), server_major=server_major)
    await session.execute(f"ALTER DATABASE {quoted(name)} OWNER TO {quoted(name)}")
    await session.execute(f"REVOKE ALL ON DATABASE {quoted(name)} FROM PUBLIC")


async def prepare(
    target: Target, role: str, extensions: Sequence[str], *, server_major: int, application_name: str
) -> None:
    """``target`` is the empty database, by our own login. Raises QueryFailed for an extension that cannot be made."""
    async with connect(
        target, application_name=application_name, statement_timeout_seconds=0, search_path="public"
    ) as session:
        if server_major < _PUBLIC_IS_OURS:
            await session.execute(f"ALTER SCHEMA public OWNER TO {quoted(role)}")
        for extension in extensions:
            await session.execute(f"CREATE EXTENSION IF NOT EXISTS {quoted(extension)} CASCADE")


def as_role(target: Target, name: str, password: SecretStr) -> Target:
    return replace(target, user=name, password=password, database=name)


async def analyze_and_count(target: Target, role: str, *, application_name: str) -> Content:
    """What the file made, while it still belongs to ``role``: whatever code runs here runs with that one's rights.

    The database may have a search path of its own that lends our operators another meaning, so none is used.
    """
    async with connect(
        target, application_name=application_name, statement_timeout_seconds=0, lock_timeout_seconds=0
    ) as session:
        await session.execute("SET search_path = pg_catalog, pg_temp")
        await session.execute("SET row_security = off")
        await session.execute("ANALYZE")
        oid = await session.fetchval("SELECT pg_catalog.to_regrole($1)::pg_catalog.oid", quoted(role))
        tables = await session.fetch(_CONTENT, oid)
        rows = 0
        for table in tables:
            name = f"{quoted(table['schema'])}.{quoted(table['name'])}"
            rows += await session.fetchval(f"SELECT pg_catalog.count(*) FROM ONLY {name}")  # noqa: S608 (quoted names)
        size = await session.fetchval("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())")
    return Content(len(tables), rows, size)


async def hand_over(target: Target, role: str, owner: str, *, application_name: str) -> None:
    """Everything that ``role`` owns, the database as well, goes to ``owner``. Twice is fine."""
    async with connect(
        target, application_name=application_name, statement_timeout_seconds=0, lock_timeout_seconds=30
    ) as session:
        await session.execute("SET search_path = pg_catalog, pg_temp")
        if await session.fetchval("SELECT pg_catalog.to_regrole($1)", quoted(role)) is None:
            return
        await session.execute(f"ALTER ROLE {quoted(role)} NOLOGIN PASSWORD NULL")
        if not (await login(session)).is_superuser:
            await session.execute(f"GRANT {quoted(owner)} TO CURRENT_USER")
        await session.execute(f"REASSIGN OWNED BY {quoted(role)} TO {quoted(owner)}")
        await session.execute(f"DROP OWNED BY {quoted(role)}")
        # What the file set for everybody who connects would also hold for a superuser.
        await session.execute(f"ALTER DATABASE {quoted(target.database)} RESET ALL")
        await session.execute(f"ALTER DATABASE {quoted(target.database)} CONNECTION LIMIT -1")
        await session.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {quoted(target.database)} TO PUBLIC")


async def owner_for(session: Session, wished: str | None, instead: str) -> tuple[str, bool]:
    """Who is to own what the file makes, and whether that role has yet to be made (``make_owner``).

    Functions of indexes and triggers run with the rights of who owns a table, also when the server does its own work:
    so what comes from outside is never given to a superuser unless somebody wishes that.
    """
    if wished is not None:
        if await session.fetchval("SELECT pg_catalog.to_regrole($1)", quoted(wished)) is None:
            raise OwnerUnknown(wished)
        return wished, False
    if (await login(session)).is_superuser:
        return instead, True
    return str(await session.fetchval("SELECT current_user")), False


async def make_owner(session: Session, name: str) -> None:
    await create_roles(session, [name])


async def drop_logins(session: Session, prefix: str) -> None:
    """Those that a load left behind, once their database is dropped."""
    for row in await session.fetch(_ROLES, prefix):
        try:
            await session.execute(f"DROP ROLE IF EXISTS {quoted(row['rolname'])}")
        except asyncpg.DependentObjectsStillExistError:
            await session.execute(f"DROP OWNED BY {quoted(row['rolname'])}")
            await session.execute(f"DROP ROLE IF EXISTS {quoted(row['rolname'])}")
