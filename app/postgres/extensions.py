"""The extensions of one database: those that its server offers, and those that it has."""

from dataclasses import dataclass
from typing import Final

import asyncpg

from app.db.locks import lock_key
from app.errors import Conflict
from app.postgres.connect import Session
from app.postgres.identifiers import quoted

_LOCK: Final = lock_key("extensions")
_STATEMENT: Final = """
    SELECT coalesce(e.extname, a.name)::text AS name, a.default_version AS newest, a.comment AS description,
           e.extversion AS installed, n.nspname::text AS schema, pg_catalog.pg_get_userbyid(e.extowner)::text AS owner,
           coalesce(e.extrelocatable, v.relocatable, false) AS relocatable, coalesce(v.trusted, false) AS trusted,
           coalesce(v.requires::text[], '{}') AS requires,
           ARRAY(SELECT version FROM pg_catalog.pg_available_extension_versions AS o WHERE o.name = a.name ORDER BY 1)
             AS versions,
           ARRAY(SELECT x.extname::text FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS x ON x.oid = d.objid
                 WHERE d.classid = 'pg_catalog.pg_extension'::regclass AND d.refclassid = d.classid
                   AND d.refobjid = e.oid ORDER BY 1) AS required_by
    FROM pg_catalog.pg_available_extensions AS a
    FULL JOIN pg_catalog.pg_extension AS e ON e.extname = a.name
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    LEFT JOIN pg_catalog.pg_available_extension_versions AS v ON v.name = a.name AND v.version = a.default_version
    ORDER BY 1
"""
# Who is no superuser may not see it without this role.
_PRELOADED: Final = """
    SELECT CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
                THEN pg_catalog.current_setting('shared_preload_libraries') END
"""
_NAMED: Final = 5


class ExtensionInUse(Conflict):
    code, title = "EXTENSION_IN_USE", "Something in the database needs the extension"

    def __init__(self, name: str, dependents: list[str]) -> None:
        super().__init__(
            f"{len(dependents)} objects need {name}, among them {'; '.join(dependents[:_NAMED])}. Drop them first, or send "
            "cascade=true, which drops them with it.",
            dependents=dependents,
        )


@dataclass(frozen=True, slots=True)
class Extension:
    """``newest`` is None where the server has lost its files. ``required_by`` are other extensions of the database."""

    name: str
    newest: str | None
    versions: tuple[str, ...]
    description: str | None
    installed: str | None
    schema: str | None
    owner: str | None
    relocatable: bool
    trusted: bool
    requires: tuple[str, ...]
    required_by: tuple[str, ...]


async def extensions(session: Session) -> dict[str, Extension]:
    rows = [dict(row) for row in await session.fetch(_STATEMENT)]
    for row in rows:
        row |= {name: tuple(row[name]) for name in ("versions", "requires", "required_by")}
    return {row["name"]: Extension(**row) for row in rows}


async def preloaded(session: Session) -> str | None:
    """The setting, None where our login may not see it."""
    found: str | None = await session.fetchval(_PRELOADED)
    return found


async def create_extension(
    session: Session, name: str, *, version: str | None, schema: str | None, cascade: bool
) -> None:
    """Fine when somebody else has made it meanwhile."""
    options = [f"VERSION {quoted(version)}"] if version else []
    options += [f"SCHEMA {quoted(schema)}"] if schema else []
    options += ["CASCADE"] if cascade else []
    async with session.transaction():
        await session.execute(f"SELECT pg_catalog.pg_advisory_xact_lock({_LOCK})")
        # Where it goes unless the wish or the extension itself says.
        await session.execute("SET LOCAL search_path = public")
        await session.execute(f"CREATE EXTENSION IF NOT EXISTS {quoted(name)} {' '.join(options)}")


async def alter_extension(session: Session, name: str, *, version: str | None, schema: str | None) -> None:
    async with session.transaction():
        await session.execute(f"SELECT pg_catalog.pg_advisory_xact_lock({_LOCK})")
        if schema is not None:
            await session.execute(f"ALTER EXTENSION {quoted(name)} SET SCHEMA {quoted(schema)}")
        if version is not None:
            await session.execute(f"ALTER EXTENSION {quoted(name)} UPDATE TO {quoted(version)}")


async def drop_extension(session: Session, name: str, *, cascade: bool, dry_run: bool) -> list[str]:
    """What goes with it. Raises ExtensionInUse. A dry run drops it as well, and takes that back."""
    transaction = session.transaction()
    await transaction.start()
    dependents: list[str] = []
    try:
        await session.execute(f"SELECT pg_catalog.pg_advisory_xact_lock({_LOCK})")
        try:
            async with session.transaction():
                await session.execute(f"DROP EXTENSION IF EXISTS {quoted(name)}")
        except asyncpg.DependentObjectsStillExistError as error:
            # Each line names an object and what of the extension it needs.
            dependents = sorted(line.partition(" depends on ")[0] for line in (error.detail or "").splitlines())
            if not cascade:
                raise ExtensionInUse(name, dependents) from error
            await session.execute(f"DROP EXTENSION IF EXISTS {quoted(name)} CASCADE")
    except BaseException:
        await transaction.rollback()
        raise
    if dry_run:
        await transaction.rollback()
    else:
        await transaction.commit()
    return dependents
