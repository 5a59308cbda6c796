"""What a role may do in one logical database in effect: by its own grants, by what it inherits, by PUBLIC, as an owner.

The server itself judges each object; counts per schema come back, and the objects of one schema on demand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session

_DATABASE: Final = """
SELECT d.datname::text AS name, pg_get_userbyid(d.datdba)::text AS owner,
       ARRAY(SELECT p FROM unnest('{CONNECT,CREATE,TEMPORARY}'::text[]) AS p
              WHERE has_database_privilege($1::oid, d.oid, p)) AS privileges
  FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()
"""
_SCHEMAS: Final = """
SELECT n.nspname::text AS name, pg_get_userbyid(n.nspowner)::text AS owner,
       ARRAY(SELECT p FROM unnest('{USAGE,CREATE}'::text[]) AS p
              WHERE has_schema_privilege($1::oid, n.oid, p)) AS privileges
  FROM pg_catalog.pg_namespace AS n
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY n.nspname
"""
_CHECKED: Final = """
WITH object AS (
    SELECT CASE c.relkind WHEN 'S' THEN 'sequences' ELSE 'tables' END AS kind, c.oid, n.nspname::text AS schema,
           c.relname::text AS name, c.relowner AS owner
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'functions', p.oid, n.nspname::text,
           p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.proowner
      FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
checked AS (
    SELECT o.*, w.privilege,
           CASE o.kind WHEN 'tables' THEN has_table_privilege($1::oid, o.oid, w.privilege)
                       WHEN 'sequences' THEN has_sequence_privilege($1::oid, o.oid, w.privilege)
                       ELSE has_function_privilege($1::oid, o.oid, w.privilege) END AS has
      FROM object AS o
      JOIN (VALUES ('tables', 'SELECT'), ('tables', 'INSERT'), ('tables', 'UPDATE'), ('tables', 'DELETE'),
                   ('tables', 'TRUNCATE'), ('tables', 'REFERENCES'), ('tables', 'TRIGGER'), ('sequences', 'USAGE'),
                   ('sequences', 'SELECT'), ('sequences', 'UPDATE'), ('functions', 'EXECUTE')
           ) AS w (kind, privilege) ON w.kind = o.kind
     WHERE $2::text IS NULL OR (o.schema = $2 AND o.name > $3::text COLLATE "C"))
"""
_COUNTS: Final = """
SELECT schema, kind, privilege, count(*) AS total, count(*) FILTER (WHERE has) AS count
  FROM checked GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_OBJECTS: Final = """
SELECT kind, name, pg_get_userbyid(owner)::text AS owner, coalesce(array_agg(privilege) FILTER (WHERE has), '{}') AS privileges
  FROM checked GROUP BY kind, oid, name, owner ORDER BY name COLLATE "C" LIMIT $4
"""
# To the role, to what it inherits, and to PUBLIC.
_COLUMNS: Final = """
SELECT n.nspname::text AS schema, count(*) AS count
  FROM pg_catalog.pg_attribute AS t
  JOIN pg_catalog.pg_class AS c ON c.oid = t.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND EXISTS (SELECT FROM aclexplode(t.attacl) AS a
                WHERE CASE a.grantee WHEN 0 THEN true ELSE pg_has_role($1::oid, a.grantee, 'USAGE') END)
 GROUP BY 1
"""
_FUTURE: Final = """
SELECT pg_get_userbyid(d.defaclrole)::text AS owner, n.nspname::text AS schema,
       CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                            WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'others' END AS kind,
       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS to,
       array_agg(DISTINCT a.privilege_type) AS privileges
  FROM pg_catalog.pg_default_acl AS d
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
 CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a
 WHERE CASE a.grantee WHEN 0 THEN true ELSE pg_has_role($1::oid, a.grantee, 'USAGE') END
 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2 NULLS FIRST, 3, 4
"""
_MEMBERSHIPS: Final = """
SELECT r.rolname::text AS role, pg_has_role($1::oid, r.oid, 'USAGE') AS is_inherited,
       EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.member = $1::oid AND m.roleid = r.oid) AS is_direct
  FROM pg_catalog.pg_roles AS r
 WHERE r.oid <> $1::oid AND pg_has_role($1::oid, r.oid, 'MEMBER')
   AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE oid = $1::oid)
 ORDER BY r.rolname
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """``having``: how many of ``total`` the role has each privilege on."""

    total: int
    having: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SchemaPrivileges:
    name: str
    owner: str
    privileges: Sequence[str]
    tables: Counts
    sequences: Counts
    functions: Counts
    columns: int  # with privileges of their own


@dataclass(frozen=True, slots=True)
class ObjectPrivileges:
    kind: str
    name: str
    owner: str
    privileges: Sequence[str]


@dataclass(frozen=True, slots=True)
class FuturePrivileges:
    """On what ``owner`` makes from now on; without a schema, in all of them. ``to`` is the role itself or PUBLIC or
    what it inherits.
    """

    owner: str
    schema: str | None
    kind: str
    to: str
    privileges: Sequence[str]


@dataclass(frozen=True, slots=True)
class Membership:
    """In effect, so also by way of others. One that is not inherited can only be switched to by SET ROLE."""

    role: str
    is_inherited: bool
    is_direct: bool


@dataclass(frozen=True, slots=True)
class Effective:
    logical_database: str
    owner: str
    privileges: Sequence[str]
    schemas: Sequence[SchemaPrivileges]
    future: Sequence[FuturePrivileges]
    memberships: Sequence[Membership]


async def effective_privileges(session: Session, oid: int) -> Effective:
    """Of the role of that oid, in the database of ``session``. A superuser passes all checks and is a member of all."""
    database = await session.fetchrow(_DATABASE, oid)
    assert database is not None  # we are in it
    counts: dict[tuple[str, str], Counts] = {}
    for row in await session.fetch(_CHECKED + _COUNTS, oid, None, ""):
        place = (row["schema"], row["kind"])
        before = counts.get(place, _NONE).having
        counts[place] = Counts(row["total"], {**before, row["privilege"]: row["count"]})
    columns = {row["schema"]: row["count"] for row in await session.fetch(_COLUMNS, oid)}
    schemas = [
        SchemaPrivileges(
            **dict(row),
            tables=counts.get((row["name"], "tables"), _NONE),
            sequences=counts.get((row["name"], "sequences"), _NONE),
            functions=counts.get((row["name"], "functions"), _NONE),
            columns=columns.get(row["name"], 0),
        )
        for row in await session.fetch(_SCHEMAS, oid)
    ]
    return Effective(
        logical_database=database["name"],
        owner=database["owner"],
        privileges=database["privileges"],
        schemas=schemas,
        future=[FuturePrivileges(**dict(row)) for row in await session.fetch(_FUTURE, oid)],
        memberships=[Membership(**dict(row)) for row in await session.fetch(_MEMBERSHIPS, oid)],
    )


async def object_privileges(
    session: Session, oid: int, schema: str, *, after: str, limit: int
) -> list[ObjectPrivileges]:
    """On the tables, sequences and functions of one schema, by name."""
    rows = await session.fetch(_CHECKED + _OBJECTS, oid, schema, after, limit)
    return [ObjectPrivileges(**dict(row)) for row in rows]


_NONE: Final = Counts(0, {})
