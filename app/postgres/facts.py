"""What belongs to a database besides its contents: owner, locale, settings, extensions, the roles it refers to."""

from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session

# The columns of pg_database differ between majors; as JSON those that are not there are null.
_DATABASE: Final = """
SELECT d.datname AS name, r.rolname AS owner, pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
       d.datcollate AS collate, d.datctype AS ctype, d.datconnlimit AS connection_limit,
       pg_catalog.to_jsonb(d) ->> 'datlocprovider' AS provider,
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') AS locale,
       pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
       d.datacl::text[] AS acl,
       pg_catalog.pg_database_size(d.oid) AS size_bytes
  FROM pg_catalog.pg_database AS d LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = d.datdba
 WHERE d.datname = pg_catalog.current_database()
"""
_SETTINGS: Final = """
SELECT r.rolname AS role, s.setconfig AS values
  FROM pg_catalog.pg_db_role_setting AS s
  JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase AND d.datname = pg_catalog.current_database()
  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
 ORDER BY r.rolname NULLS FIRST
"""
_EXTENSIONS: Final = """
SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema
  FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
 ORDER BY e.extname
"""
# The first superuser is pinned, so its ownership is not among the dependencies.
_ROLES: Final = """
SELECT DISTINCT r.rolname
  FROM pg_catalog.pg_roles AS r
 WHERE EXISTS (
         SELECT FROM pg_catalog.pg_shdepend AS s JOIN pg_catalog.pg_database AS d
                ON d.datname = pg_catalog.current_database()
          WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = r.oid
            AND (s.dbid = d.oid
                 OR s.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND s.objid = d.oid))
    OR r.oid IN (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    OR r.oid IN (SELECT c.relowner FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n
                        ON n.oid = c.relnamespace
                  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
 ORDER BY r.rolname
"""
_LOGIN: Final = """
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int / 10000 AS major,
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS is_superuser
"""
_PROVIDERS: Final = {"c": "libc", "i": "icu", "b": "builtin", None: "libc"}


@dataclass(frozen=True, slots=True)
class Login:
    """``version`` without what a packager adds, such as "15.18"."""

    version: str
    major: int
    is_superuser: bool


@dataclass(frozen=True, slots=True)
class Extension:
    name: str
    version: str
    schema: str


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """``acl`` is that of pg_database, null for the default one; ``settings`` are (role or None, ``name=value`` list)."""

    name: str
    owner: str
    encoding: str
    collate: str
    ctype: str
    locale_provider: str
    locale: str | None
    connection_limit: int
    comment: str | None
    acl: tuple[str, ...] | None
    settings: tuple[tuple[str | None, tuple[str, ...]], ...]
    extensions: tuple[Extension, ...]
    roles: tuple[str, ...]
    size_bytes: int


async def login(session: Session) -> Login:
    row = await session.fetchrow(_LOGIN)
    assert row
    return Login(row["version"].split(" ", 1)[0], row["major"], row["is_superuser"])


async def database_facts(session: Session) -> DatabaseFacts:
    row = await session.fetchrow(_DATABASE)
    assert row
    return DatabaseFacts(
        name=row["name"],
        owner=row["owner"] or "",
        encoding=row["encoding"],
        collate=row["collate"],
        ctype=row["ctype"],
        locale_provider=_PROVIDERS[row["provider"]],
        locale=row["locale"],
        connection_limit=row["connection_limit"],
        comment=row["comment"],
        acl=None if row["acl"] is None else tuple(row["acl"]),
        settings=tuple((one["role"], tuple(one["values"])) for one in await session.fetch(_SETTINGS)),
        extensions=tuple(Extension(**dict(one)) for one in await session.fetch(_EXTENSIONS)),
        roles=tuple(one["rolname"] for one in await session.fetch(_ROLES)),
        size_bytes=row["size_bytes"],
    )
