"""What a preset gives a role in one logical database: what it has against what it should have, and the SQL between.

A role is judged by what it was granted itself. What PUBLIC may do, what it inherits and what it owns is not counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from app.errors import Unprocessable
from app.postgres import presets
from app.postgres.connect import Session
from app.postgres.identifiers import quoted
from app.postgres.ownership import OwnedObject, hand_over_statements, owned_by
from app.postgres.presets import Aim, Point, PointKind, RolePreset

_NAMED: Final = 10
_ORDER: Final = ("CONNECT", "USAGE", "CREATE", "SELECT", "INSERT", "UPDATE", "DELETE")
_NOUNS: Final = {
    PointKind.TABLES: "TABLES",
    PointKind.COLUMNS: "TABLES",  # what is revoked from a table is revoked from its columns
    PointKind.SEQUENCES: "SEQUENCES",
    PointKind.FUTURE_TABLES: "TABLES",
    PointKind.FUTURE_SEQUENCES: "SEQUENCES",
    PointKind.FUTURE_SCHEMAS: "SCHEMAS",
}

_SCHEMAS: Final = """
SELECT n.nspname::text AS name, (n.nspowner = r.oid) IS TRUE AS is_own,
       ARRAY(SELECT DISTINCT a.privilege_type
               FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a WHERE a.grantee = r.oid) AS held
  FROM pg_catalog.pg_namespace AS n
  LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = $1
 WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pgm_pooler') ORDER BY n.nspname
"""
_DATABASE: Final = """
SELECT (d.datdba = r.oid) IS TRUE AS is_own,
       ARRAY(SELECT DISTINCT a.privilege_type
               FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a WHERE a.grantee = r.oid) AS held
  FROM pg_catalog.pg_database AS d
  LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = $1
 WHERE d.datname = current_database()
"""
# There may be a hundred thousand tables: they are compared on the server, which answers with counts and a few names.
_RELATIONS: Final = """
WITH me AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1),
relation AS (
    SELECT c.oid, c.relname::text AS name, n.nspname::text AS schema,
           CASE c.relkind WHEN 'S' THEN 'sequences' ELSE 'tables' END AS kind,
           coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)) AS acl
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_'
       AND n.nspname NOT IN ('information_schema', 'pgm_pooler') AND c.relowner IS DISTINCT FROM (SELECT oid FROM me)),
held AS (
    SELECT DISTINCT r.oid, r.kind, r.schema, r.name, a.privilege_type AS privilege
      FROM relation AS r CROSS JOIN LATERAL aclexplode(r.acl) AS a WHERE a.grantee = (SELECT oid FROM me)),
wanted AS (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]) AS w (kind, schema, privilege)),
found AS (
    SELECT false AS is_extra, r.kind, r.schema, w.privilege, r.name
      FROM wanted AS w JOIN relation AS r ON r.kind = w.kind AND r.schema = w.schema
     WHERE NOT EXISTS (SELECT FROM held AS h WHERE h.oid = r.oid AND h.privilege = w.privilege)
    UNION ALL
    SELECT true, h.kind, h.schema, h.privilege, h.name
      FROM held AS h
     WHERE NOT EXISTS (SELECT FROM wanted AS w
                        WHERE w.kind = h.kind AND w.schema = h.schema AND w.privilege = h.privilege)
    UNION ALL
    SELECT true, 'columns', r.schema, a.privilege_type, r.name || '.' || t.attname
      FROM relation AS r
      JOIN pg_catalog.pg_attribute AS t ON t.attrelid = r.oid AND t.attacl IS NOT NULL AND NOT t.attisdropped
     CROSS JOIN LATERAL aclexplode(t.attacl) AS a
     WHERE a.grantee = (SELECT oid FROM me)
       AND NOT EXISTS (SELECT FROM wanted AS w
                        WHERE w.kind = 'tables' AND w.schema = r.schema AND w.privilege = a.privilege_type))
SELECT is_extra, kind, schema, privilege, count(*) AS count, (array_agg(name ORDER BY name))[:10] AS names
  FROM found GROUP BY 1, 2, 3, 4
"""
_FUTURE: Final = """
SELECT DISTINCT o.rolname::text AS owner, n.nspname::text AS schema, d.defaclobjtype::text AS kind,
       a.privilege_type AS privilege
  FROM pg_catalog.pg_default_acl AS d
  JOIN pg_catalog.pg_roles AS o ON o.oid = d.defaclrole
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
 CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a
  JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
 WHERE r.rolname = $1 AND d.defaclrole <> r.oid AND d.defaclobjtype IN ('r', 'S', 'n')
"""
# From 16 on a membership need not be inherited; before, one that is not is enough to speak for the owner.
_OWNERS: Final = """
WITH named AS (SELECT oid, nspname, nspowner FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::text[])),
found (owner, is_maker) AS (
    SELECT c.relowner, true FROM pg_catalog.pg_class AS c JOIN named AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    UNION SELECT nspowner, nspname <> 'public' FROM named
    UNION SELECT datdba, false FROM pg_catalog.pg_database WHERE datname = current_database())
SELECT r.rolname::text AS name, r.rolsuper AS is_superuser, bool_or(f.is_maker) AS is_maker,
       pg_has_role(r.oid, CASE WHEN current_setting('server_version_num')::int < 160000
                               THEN 'MEMBER' ELSE 'USAGE' END) AS is_ours
  FROM pg_catalog.pg_roles AS r
  LEFT JOIN found AS f ON f.owner = r.oid
 WHERE r.rolname !~ '^pg_' AND r.rolname <> $2 AND (f.owner IS NOT NULL OR r.rolname = ANY ($3::text[]))
 GROUP BY r.oid, r.rolname, r.rolsuper ORDER BY r.rolname
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """In one logical database. ``handed_over``: what its owners have and the role should."""

    missing: tuple[Point, ...] = ()
    extra: tuple[Point, ...] = ()
    handed_over: tuple[OwnedObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """``is_ours``: our login is one of its members, or a superuser, and so may speak for it.

    ``is_maker``: a table or a schema is its own, and not only the database, or what an extension has made.
    """

    name: str
    is_superuser: bool
    is_maker: bool | None
    is_ours: bool


class SchemaMissing(Unprocessable):
    code, title = "SCHEMA_MISSING", "A schema does not exist"

    def __init__(self, names: Sequence[str], logical_database: str) -> None:
        super().__init__(
            f"The logical database {logical_database!r} has no schema {', '.join(map(repr, names))}. Nothing was changed: "
            "create it first, or leave it out.",
            schemas=list(names),
            logical_database=logical_database,
        )


async def difference(session: Session, name: str, aim: Aim, *, major: int, owners: Sequence[str]) -> Difference:
    """Of a role, which need not exist yet, in the database of ``session``."""
    preset = presets.as_on(aim.preset, major)
    named = {row["name"]: row for row in await session.fetch(_SCHEMAS, name)}
    inside = list(named) if aim.schemas is None else list(aim.schemas)
    database = await session.fetchrow(_DATABASE, name)
    assert database is not None  # we are in it
    missing: list[Point] = []
    extra: list[Point] = []

    def compare(kind: PointKind, wanted: Iterable[str], row: Any, schema: str | None = None) -> None:
        if not row["is_own"]:
            wished, held = set(wanted), set(row["held"])
            missing.extend(Point(kind, privilege, schema=schema) for privilege in wished - held)
            extra.extend(Point(kind, privilege, schema=schema) for privilege in held - wished)

    compare(PointKind.DATABASE, presets.on_database(preset), database)
    for schema, row in named.items():
        compare(PointKind.SCHEMA, presets.on_schemas(preset) if schema in inside else (), row, schema)

    wanted = presets.on_relations(preset, inside)
    for row in await session.fetch(_RELATIONS, name, *([one[part] for one in wanted] for part in range(3))):
        place = {"schema": row["schema"], "count": row["count"], "objects": tuple(row["names"])}
        (extra if row["is_extra"] else missing).append(Point(PointKind(row["kind"]), row["privilege"], **place))

    held = {
        Point(presets.FUTURE[row["kind"]], row["privilege"], schema=row["schema"], owner=row["owner"])
        for row in await session.fetch(_FUTURE, name)
    }
    future = presets.on_future(preset, aim.schemas, owners)
    objects: list[OwnedObject] = []
    if preset is RolePreset.OWNER:
        for owner in owners:
            found = await owned_by(session, owner, schemas=inside)
            missing.extend(_as_points(found, owner))
            objects += found
    return Difference(_sorted([*missing, *(future - held)]), _sorted([*extra, *(held - future)]), tuple(objects))


async def schemas_of(session: Session, aim: Aim, logical_database: str) -> list[str]:
    """Those that it is about. Raises SchemaMissing."""
    there = [row["name"] for row in await session.fetch(_SCHEMAS, "")]
    if aim.schemas is None:
        return there
    if absent := sorted(set(aim.schemas) - set(there)):
        raise SchemaMissing(absent, logical_database)
    return list(aim.schemas)


async def owners_in(session: Session, schemas: Sequence[str], *, but: str, named: Sequence[str] = ()) -> list[Owner]:
    """Who owns the database, the schemas or something in them, and those named; the server's own roles aside."""
    return [Owner(**dict(row)) for row in await session.fetch(_OWNERS, list(schemas), but, list(named))]


def statements(name: str, logical_database: str, change: Difference) -> list[str]:
    """What makes the role have the missing and lose the extra: one statement for all privileges on the same."""
    granted = [point for point in change.missing if point.kind is not PointKind.OWNERSHIP]
    return [
        *(_statement(points, name, logical_database, give=False) for points in _together(change.extra)),
        *(_statement(points, name, logical_database, give=True) for points in _together(granted)),
        *hand_over_statements(change.handed_over, name),
    ]


def _statement(points: Sequence[Point], name: str, logical_database: str, *, give: bool) -> str:
    first = points[0]
    verb, to = ("GRANT", "TO") if give else ("REVOKE", "FROM")
    privileges = ", ".join(sorted((point.what for point in points), key=_rank))
    within = f" IN SCHEMA {quoted(first.schema)}" if first.schema is not None else ""
    if first.owner is not None:
        return (
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(first.owner)}{within} "
            f"{verb} {privileges} ON {_NOUNS[first.kind]} {to} {quoted(name)}"
        )
    place = {
        PointKind.DATABASE: f"DATABASE {quoted(logical_database)}",
        PointKind.SCHEMA: f"SCHEMA {quoted(first.schema or '')}",
    }.get(first.kind) or f"ALL {_NOUNS[first.kind]}{within}"
    return f"{verb} {privileges} ON {place} {to} {quoted(name)}"


def _together(points: Iterable[Point]) -> list[list[Point]]:
    return [list(group) for _, group in groupby(sorted(points, key=_place), key=_place)]


def _as_points(objects: Sequence[OwnedObject], owner: str) -> list[Point]:
    by_kind = groupby(sorted(objects, key=lambda one: one.kind), key=lambda one: one.kind)
    named = [(kind, [one.identity for one in group]) for kind, group in by_kind]
    return [
        Point(PointKind.OWNERSHIP, kind, owner=owner, count=len(names), objects=tuple(names[:_NAMED]))
        for kind, names in named
    ]


def _place(point: Point) -> tuple[str, str, str]:
    return point.kind, point.schema or "", point.owner or ""


def _sorted(points: Iterable[Point]) -> tuple[Point, ...]:
    return tuple(sorted(points, key=lambda point: (*_place(point), point.what)))


def _rank(privilege: str) -> tuple[int, str]:
    return (_ORDER.index(privilege) if privilege in _ORDER else len(_ORDER)), privilege
