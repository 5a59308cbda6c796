"""Roles that a restore needs on the server it restores into."""

from collections.abc import Collection

import asyncpg
import structlog

from app.postgres.connect import Session
from app.postgres.identifiers import quoted

log = structlog.get_logger()


async def role_names(session: Session) -> frozenset[str]:
    return frozenset(row["rolname"] for row in await session.fetch("SELECT rolname FROM pg_catalog.pg_roles"))


async def create_roles(session: Session, names: Collection[str]) -> None:
    """Without a login, hence without a password. Fine when somebody made one of them meanwhile."""
    for name in names:
        try:
            await session.execute(f"CREATE ROLE {quoted(name)} NOLOGIN")
        except asyncpg.DuplicateObjectError:
            continue
        log.info("role.created", name=name)


async def drop_unused_roles(session: Session, names: Collection[str]) -> None:
    """Those that own nothing and were granted nothing, in any database of the server."""
    for name in names:
        try:
            await session.execute(f"DROP ROLE IF EXISTS {quoted(name)}")
        except asyncpg.DependentObjectsStillExistError:
            log.info("role.kept", name=name)


async def missing_extensions(session: Session, names: Collection[str]) -> list[str]:
    """Those that the server cannot create, since its packages lack them."""
    rows = await session.fetch("SELECT name FROM pg_catalog.pg_available_extensions")
    return sorted(set(names) - {row["name"] for row in rows})
