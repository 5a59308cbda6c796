"""What a server says of its roles: attributes, memberships, settings, the kind of password, sessions, what they own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from app.postgres.connect import Session


class PasswordKind(StrEnum):
    NONE = "none"
    MD5 = "md5"
    SCRAM = "scram"
    UNKNOWN = "unknown"  # only a superuser may look


# Options of a membership came with 16: before, and so where the columns are missing, one is inherited by INHERIT roles
# and may be switched to by all.
_ROLES: Final = """
SELECT r.oid, r.rolname AS name, r.rolcanlogin AS login, r.rolinherit AS inherit, r.rolconnlimit AS connection_limit,
       CASE WHEN r.rolvaliduntil <> 'infinity' THEN r.rolvaliduntil END AS valid_until,
       array_remove(ARRAY[
           CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
           CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END,
           CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], NULL) AS powers,
       ARRAY(SELECT g.rolname::text FROM pg_catalog.pg_auth_members AS m
               JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid WHERE m.member = r.oid
              GROUP BY g.rolname ORDER BY g.rolname) AS member_of,
       ARRAY(SELECT g.rolname::text FROM pg_catalog.pg_auth_members AS m
               JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
              WHERE m.member = r.oid AND coalesce((to_jsonb(m)->>'inherit_option')::boolean, true)
                AND coalesce((to_jsonb(m)->>'set_option')::boolean, true)
              GROUP BY g.rolname ORDER BY g.rolname) AS full_member_of,
       ARRAY(SELECT g.rolname::text FROM pg_catalog.pg_auth_members AS m
               JOIN pg_catalog.pg_roles AS g ON g.oid = m.member WHERE m.roleid = r.oid
              GROUP BY g.rolname ORDER BY g.rolname) AS members
  FROM pg_catalog.pg_roles AS r
 WHERE r.rolname !~ '^pg_' AND ($1::text[] IS NULL OR r.rolname = ANY ($1)) AND r.rolname > $2::text COLLATE "C"
 ORDER BY r.rolname
 LIMIT $3
"""
_PASSWORDS: Final = """
SELECT rolname AS name, CASE WHEN rolpassword IS NULL THEN 'none' WHEN rolpassword ~ '^SCRAM-SHA-256' THEN 'scram'
                     WHEN rolpassword ~ '^md5' THEN 'md5' ELSE 'unknown' END AS kind
  FROM pg_catalog.pg_authid WHERE rolname = ANY ($1::text[])
"""
_SETTINGS: Final = """
SELECT r.rolname AS role, d.datname AS logical_database, s.setconfig AS values
  FROM pg_catalog.pg_db_role_setting AS s
  JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
 WHERE r.rolname = ANY ($1::text[])
 ORDER BY d.datname NULLS FIRST
"""
# Of databases and tablespaces there is one list for the whole server. Default privileges and user mappings go with their
# role and are nobody's to take over, so they count as granted.
_HOLDINGS: Final = """
SELECT d.datname AS logical_database, coalesce(d.datallowconn, true) AS is_open,
       count(*) FILTER (WHERE s.is_owned) AS owned, count(*) FILTER (WHERE NOT s.is_owned) AS granted
  FROM (SELECT *, deptype = 'o' AND classid NOT IN (
                      'pg_catalog.pg_default_acl'::regclass, 'pg_catalog.pg_user_mapping'::regclass) AS is_owned
          FROM pg_catalog.pg_shdepend) AS s
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid
 WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass
   AND s.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1)
   AND (s.dbid = 0 OR d.oid IS NOT NULL)
 GROUP BY 1, 2 ORDER BY 1 NULLS FIRST
"""
_OWN: Final = """
SELECT r.rolname AS name, r.rolsuper AS is_superuser, r.rolcreaterole AS may_create_roles,
       has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS sees_passwords,
       current_setting('server_version_num')::int / 10000 AS major
  FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """For new sessions of a role; ``logical_database`` is None where it holds in all of them."""

    logical_database: str | None
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """``full_member_of``: inherited and to be switched to, which from 16 on a membership need not be."""

    oid: int
    name: str
    login: bool
    inherit: bool
    connection_limit: int  # -1: none
    valid_until: datetime | None
    powers: tuple[str, ...]
    member_of: tuple[str, ...]
    full_member_of: tuple[str, ...]
    members: tuple[str, ...]
    settings: tuple[Setting, ...]
    password: PasswordKind

    def setting(self, name: str) -> str | None:
        """The one that holds in every database."""
        found = [one.value for one in self.settings if one.logical_database is None and one.name == name]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Holdings:
    """In one logical database; without a name, of those things that belong to the server."""

    logical_database: str | None
    is_open: bool
    owned: int
    granted: int


@dataclass(frozen=True, slots=True)
class OwnLogin:
    """The login that asks."""

    name: str
    is_superuser: bool
    may_create_roles: bool
    sees_passwords: bool
    major: int


async def own_login(session: Session) -> OwnLogin:
    row = await session.fetchrow(_OWN)
    assert row is not None  # we are logged in by it
    return OwnLogin(**dict(row))


async def roles(session: Session, *, after: str = "", limit: int) -> list[RoleFacts]:
    """By name, those of the server itself (``pg_…``) aside."""
    return await _facts(session, None, after, limit)


async def role(session: Session, name: str) -> RoleFacts | None:
    found = await _facts(session, [name], "", 1)
    return found[0] if found else None


async def holdings(session: Session, name: str) -> list[Holdings]:
    """What the role owns and was granted, wherever on the server it has any."""
    return [Holdings(**dict(row)) for row in await session.fetch(_HOLDINGS, name)]


async def session_count(session: Session, name: str) -> int:
    query = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usename = $1"
    return int(await session.fetchval(query, name))


async def _facts(session: Session, names: Sequence[str] | None, after: str, limit: int) -> list[RoleFacts]:
    rows = await session.fetch(_ROLES, names, after, limit)
    found = [row["name"] for row in rows]
    sees = (await own_login(session)).sees_passwords
    kinds = {row["name"]: row["kind"] for row in await session.fetch(_PASSWORDS, found)} if sees else {}
    settings: dict[str, list[Setting]] = {name: [] for name in found}
    for row in await session.fetch(_SETTINGS, found):
        for entry in row["values"]:
            name, _, value = entry.partition("=")
            settings[row["role"]].append(Setting(row["logical_database"], name, value))
    return [_one(dict(row), settings[row["name"]], PasswordKind(kinds.get(row["name"], "unknown"))) for row in rows]


def _one(row: dict[str, Any], settings: Sequence[Setting], password: PasswordKind) -> RoleFacts:
    for name in ("powers", "member_of", "full_member_of", "members"):
        row[name] = tuple(row[name])
    return RoleFacts(**row, settings=tuple(settings), password=password)
