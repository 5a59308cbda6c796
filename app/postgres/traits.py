"""What belongs to a database itself and not to anything in it: owner, grants, settings, comment, connection limit."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import asyncpg

from app.postgres.connect import Session
from app.postgres.identifiers import literal, quoted

# Settings whose value is a list of names: written as one string, the list would become a single name.
_LISTS: Final = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)
_PRIVILEGES: Final = {"C": "CREATE", "c": "CONNECT", "T": "TEMPORARY"}
# An item of an ACL: grantee=privileges/grantor, a name in quotes where it needs them, a star after a grantable one.
_ACL_ITEM: Final = re.compile(r'(?P<grantee>"(?:[^"]|"")*"|[^="]*)=(?P<privileges>[A-Za-z*]*)/', re.DOTALL)
_ELEMENT: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|\Z)', re.DOTALL)
# A setting that this server does not know, or that our login may not set.
_SETTING_REFUSED: Final = (
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidParameterValueError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.CantChangeRuntimeParamError,
)

_TRAITS: Final = """
SELECT pg_catalog.pg_get_userbyid(d.datdba) AS owner, d.datacl::text[] AS acl, d.datconnlimit AS connection_limit,
       pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
       (SELECT t.spcname FROM pg_catalog.pg_tablespace AS t WHERE t.oid = d.dattablespace) AS tablespace
  FROM pg_catalog.pg_database AS d WHERE d.datname = $1
"""
_SETTINGS: Final = """
SELECT r.rolname AS role, s.setconfig AS values
  FROM pg_catalog.pg_db_role_setting AS s
  JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
 WHERE d.datname = $1 AND (s.setrole = 0 OR r.oid IS NOT NULL)
 ORDER BY r.rolname NULLS FIRST
"""


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """Each of ``values`` is ``name=value``; without a role they hold for everybody in the database."""

    role: str | None
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Traits:
    """``acl`` is as in pg_database; None stands for the grants that every new database has."""

    owner: str | None
    acl: tuple[str, ...] | None
    connection_limit: int = -1
    comment: str | None = None
    settings: tuple[RoleSettings, ...] = ()
    tablespace: str | None = None

    def roles(self) -> set[str]:
        named = {self.owner} | {grant.grantee for grant in self.grants()} | {entry.role for entry in self.settings}
        return {role for role in named if role is not None}

    def grants(self) -> list["Grant"]:
        return [grant for item in self.acl or () for grant in _grants(item)]


@dataclass(frozen=True, slots=True)
class Grant:
    """A grantee of None is PUBLIC."""

    grantee: str | None
    privilege: str
    grantable: bool


async def read_traits(session: Session, name: str) -> Traits | None:
    """None when there is no such database."""
    row = await session.fetchrow(_TRAITS, name)
    if row is None:
        return None
    settings = await session.fetch(_SETTINGS, name)
    return Traits(
        owner=row["owner"],
        acl=None if row["acl"] is None else tuple(row["acl"]),
        connection_limit=row["connection_limit"],
        comment=row["comment"],
        settings=tuple(RoleSettings(entry["role"], tuple(entry["values"])) for entry in settings),
        tablespace=row["tablespace"],
    )


async def apply_traits(session: Session, name: str, traits: Traits, *, roles: AbstractSet[str]) -> list[str]:
    """Gives a database these traits, in one transaction, and says what was left out because its role is not in ``roles``.

    Twice is fine. The owner comes before the grants, since changing it moves what the former owner was granted.
    """
    database, owner = quoted(name), traits.owner if traits.owner in roles else None
    async with session.transaction():
        await session.execute(f"ALTER DATABASE {database} CONNECTION LIMIT {traits.connection_limit}")
        await session.execute(f"COMMENT ON DATABASE {database} IS {_or_null(traits.comment)}")
        left_out = await _apply_settings(session, database, traits, roles)
        if owner is not None:
            await session.execute(f"ALTER DATABASE {database} OWNER TO {quoted(owner)}")
        elif traits.owner is not None:
            left_out.append(f"the owner {traits.owner}")
        left_out += await _apply_grants(session, database, traits, roles)
    return left_out


async def _apply_settings(session: Session, database: str, traits: Traits, roles: AbstractSet[str]) -> list[str]:
    left_out = []
    for entry in traits.settings:
        if entry.role is not None and entry.role not in roles:
            left_out.append(f"settings of the role {entry.role}")
            continue
        for name, statement in _assignments(database, entry):
            try:
                async with session.transaction():
                    await session.execute(statement)
            except _SETTING_REFUSED as refusal:
                left_out.append(f"the setting {name} ({refusal.args[0]})")
    return left_out


async def _apply_grants(session: Session, database: str, traits: Traits, roles: AbstractSet[str]) -> list[str]:
    if traits.acl is None:
        return []
    left_out = []
    await session.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    if traits.owner is not None and traits.owner in roles:
        # An owner holds everything by default; the entry in the list may hold less.
        await session.execute(f"REVOKE ALL ON DATABASE {database} FROM {quoted(traits.owner)}")
    for grant in traits.grants():
        if grant.grantee is not None and grant.grantee not in roles:
            left_out.append(f"{grant.privilege} for the role {grant.grantee}")
            continue
        grantee = "PUBLIC" if grant.grantee is None else quoted(grant.grantee)
        option = " WITH GRANT OPTION" if grant.grantable else ""
        await session.execute(f"GRANT {grant.privilege} ON DATABASE {database} TO {grantee}{option}")
    return left_out


def _assignments(database: str, entry: RoleSettings) -> Iterator[tuple[str, str]]:
    who = f"DATABASE {database}" if entry.role is None else f"ROLE {quoted(entry.role)} IN DATABASE {database}"
    for value in entry.values:
        name, _, text = value.partition("=")
        yield name, f"ALTER {who} SET {quoted(name)} TO {setting_value(name, text)}"


def setting_value(name: str, text: str) -> str:
    """The value of a setting as ``SET`` takes it."""
    written = ", ".join(literal(part) for part in setting_elements(name, text))
    return written or literal("")


def setting_elements(name: str, text: str) -> Sequence[str]:
    """The names in a setting that is a list of them, and any other value as it is."""
    return _elements(text) if name.lower() in _LISTS else [text]


def _elements(text: str) -> Sequence[str]:
    """The names of a list as PostgreSQL writes it: by commas, in quotes where one needs them."""
    found = []
    position = 0
    while position < len(text):
        match = _ELEMENT.match(text, position)
        assert match is not None  # the last alternative takes anything
        in_quotes, bare = match[1], match[2]
        found.append(bare if in_quotes is None else in_quotes.replace('""', '"'))
        position = match.end()
    return found


def _grants(item: str) -> Iterator[Grant]:
    match = _ACL_ITEM.match(item)
    if match is None:
        return
    grantee = match["grantee"]
    if grantee.startswith('"'):
        grantee = grantee[1:-1].replace('""', '"')
    for privilege in re.finditer(r"([A-Za-z])(\*?)", match["privileges"]):
        if privilege[1] in _PRIVILEGES:
            yield Grant(grantee or None, _PRIVILEGES[privilege[1]], bool(privilege[2]))


def _or_null(value: str | None) -> str:
    return "NULL" if value is None else literal(value)
