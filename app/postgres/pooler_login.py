"""The role by which a pooler asks the server for verifiers, and the function that alone it may ask.

The function answers nobody but that role, whoever may execute it: a restore without grants makes it executable by all.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import asyncpg
from pydantic import SecretStr

from app.postgres.connect import Session, Target, connect
from app.postgres.errors import PoolerSchemaForeign, PrivilegeMissing
from app.postgres.identifiers import literal, quoted
from app.postgres.scram import verifier

ROLE: Final = "pgm_pooler"
SCHEMA: Final = "pgm_pooler"
LOOKUP: Final = "pgm_pooler.login_of"
AUTH_QUERY: Final = "SELECT usename, passwd FROM pgm_pooler.login_of($1)"
_APPLICATION_NAME: Final = "pgmanager pooling"
_LOCK: Final = 7_265_110_415  # one of us at a time, in whichever database of the server

# Who may not log in any more is not there: PgBouncer before 1.24.1 does not look at the end of a password's validity.
_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION pgm_pooler.login_of(login pg_catalog.text, OUT usename pg_catalog.text, OUT passwd pg_catalog.text)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    SELECT rolname::text, rolpassword
    FROM pg_catalog.pg_authid
    WHERE rolname = login AND rolcanlogin AND rolpassword IS NOT NULL
        AND (rolvaliduntil IS NULL OR rolvaliduntil > now()) AND session_user = 'pgm_pooler'
$body$
"""
_OWNER: Final = "SELECT nspowner = current_user::regrole FROM pg_catalog.pg_namespace WHERE nspname = $1"
_DATABASES: Final = "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname"
_MD5: Final = "SELECT rolname FROM pg_catalog.pg_authid WHERE rolcanlogin AND rolpassword LIKE 'md5%' ORDER BY rolname"


async def make_pooler_login(target: Target, password: SecretStr, databases: Sequence[str]) -> list[str]:
    """Makes the role, and the function in each of ``databases``; the second time that changes nothing.

    Gives the logins whose password is kept as MD5, which do not get through a pooler that asks for SCRAM. Raises
    PrivilegeMissing, DatabaseAbsent, PoolerSchemaForeign.
    """
    async with connect(target, application_name=_APPLICATION_NAME) as session, session.transaction():
        await _require_superuser(session, target)
        await session.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        exists = await session.fetchval("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", ROLE)
        attributes = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
        kept = literal(verifier(password))
        await session.execute(f"{'ALTER' if exists else 'CREATE'} ROLE {ROLE} {attributes} PASSWORD {kept}")
        outdated = [row["rolname"] for row in await session.fetch(_MD5)]
    for name in databases:
        async with connect(target.with_database(name), application_name=_APPLICATION_NAME) as session:
            await _make_function(session, name)
    return outdated


async def absent_databases(target: Target, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that the server does not have, or that take no connections."""
    async with connect(target, application_name=_APPLICATION_NAME) as session:
        there = {row["datname"] for row in await session.fetch(_DATABASES)}
    return sorted(set(names) - there)


async def drop_pooler_login(target: Target) -> bool:
    """Removes both; fine when they are gone. False when the role stays, since somebody granted it more."""
    async with connect(target, application_name=_APPLICATION_NAME) as session:
        exists = await session.fetchval("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", ROLE)
        databases = [row["datname"] for row in await session.fetch(_DATABASES)]
    if not exists:
        return True
    for name in databases:
        async with connect(target.with_database(name), application_name=_APPLICATION_NAME) as session:
            if await session.fetchval(_OWNER, SCHEMA):
                await session.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
            await session.execute(f"REVOKE CONNECT ON DATABASE {quoted(name)} FROM {ROLE}")
    async with connect(target, application_name=_APPLICATION_NAME) as session:
        try:
            await session.execute(f"DROP ROLE IF EXISTS {ROLE}")
        except asyncpg.DependentObjectsStillExistError:
            await session.execute(f"ALTER ROLE {ROLE} NOLOGIN PASSWORD NULL")
            return False
    return True


async def _make_function(session: Session, database: str) -> None:
    async with session.transaction():
        await session.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        is_ours = await session.fetchval(_OWNER, SCHEMA)
        if is_ours is None:
            await session.execute(f"CREATE SCHEMA {SCHEMA}")
        elif not is_ours:
            raise PoolerSchemaForeign(
                f"The schema {SCHEMA} of the database {database!r} belongs to another role, who could answer for every "
                "login there. Drop or rename it, and ask again."
            )
        await session.execute(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC")
        await session.execute(_FUNCTION)
        await session.execute(f"REVOKE ALL ON FUNCTION {LOOKUP}(text) FROM PUBLIC")
        await session.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLE}")
        await session.execute(f"GRANT EXECUTE ON FUNCTION {LOOKUP}(text) TO {ROLE}")
        await session.execute(f"GRANT CONNECT ON DATABASE {quoted(database)} TO {ROLE}")


async def _require_superuser(session: Session, target: Target) -> None:
    if not await session.fetchval("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"):
        raise PrivilegeMissing(
            f"The login {target.user!r} is no superuser, so it cannot let a pooler read the verifiers of other logins "
            "(pg_authid). Give this service a superuser of the server, or run a pooler of your own."
        )
