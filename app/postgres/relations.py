"""What a dump of a database would take with it, by the rules of pg_dump, and whether this login may read it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.errors import Unprocessable
from app.postgres.connect import Session
from app.postgres.errors import PrivilegeMissing
from app.postgres.identifiers import quoted

Name = tuple[str, str]  # schema and relation

_MOST_SHOWN: Final = 10


class RelationKind(StrEnum):
    TABLE = "r"
    PARTITIONED = "p"
    SEQUENCE = "S"
    MATERIALIZED_VIEW = "m"
    FOREIGN_TABLE = "f"
    VIEW = "v"


TABLES: Final = frozenset({RelationKind.TABLE, RelationKind.PARTITIONED})


class TablesUnknown(Unprocessable):
    """Also what is no table, or belongs to an extension, which brings it along by itself."""

    code, title = "TABLE_UNKNOWN", "A table that was named cannot be backed up"


class SelectionEmpty(Unprocessable):
    code, title = "SELECTION_EMPTY", "Nothing is left to back up"


@dataclass(frozen=True, slots=True)
class Relation:
    """``parent`` is the oid of the table that this one is a partition of.

    ``condition`` is the WHERE clause under which an extension has its own table dumped, "" for all of it, None for a
    table that is not to be dumped for an extension. ``is_filtered`` means that row-level security hides rows.
    """

    oid: int
    schema: str
    name: str
    kind: RelationKind
    parent: int | None
    is_member: bool
    condition: str | None
    is_readable: bool
    is_filtered: bool

    @property
    def key(self) -> Name:
        return self.schema, self.name

    @property
    def sql(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"


# Temporary tables lie in schemas that begin with pg_, too.
_RELATIONS: Final = """
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
       CASE WHEN c.relispartition THEN
           (SELECT i.inhparent FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid LIMIT 1) END AS parent,
       d.refobjid IS NOT NULL AS is_member,
       (SELECT coalesce(e.extcondition[i], '')
          FROM pg_catalog.pg_extension AS e, pg_catalog.generate_subscripts(e.extconfig, 1) AS i
         WHERE e.oid = d.refobjid AND e.extconfig[i] = c.oid) AS condition,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind
           WHEN 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
           ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END AS is_readable,
       c.relrowsecurity AND pg_catalog.row_security_active(c.oid) AS is_filtered
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_depend AS d
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
 WHERE c.relkind IN ('r', 'p', 'S', 'm', 'f', 'v')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
"""


async def relations(session: Session) -> list[Relation]:
    """Of every schema that is not the system's. Takes no lock on any of them, so it cannot wait."""
    return [
        Relation(
            oid=row["oid"],
            schema=row["schema"],
            name=row["name"],
            kind=RelationKind(row["kind"]),
            parent=row["parent"],
            is_member=row["is_member"],
            condition=row["condition"],
            # Null when it was dropped just now.
            is_readable=row["is_readable"] is not False,
            is_filtered=row["is_filtered"] is True,
        )
        for row in await session.fetch(_RELATIONS)
    ]


@dataclass(frozen=True, slots=True)
class Selection:
    """``tables``: only these, all when empty. A partitioned table stands for all of its partitions, in both lists."""

    tables: tuple[Name, ...] = ()
    exclude: tuple[Name, ...] = ()

    def picked(self, found: Sequence[Relation]) -> list[Relation]:
        """The tables to be locked: those that are dumped, and those of extensions whose rows are.

        Raises TablesUnknown, SelectionEmpty.
        """
        if self.tables:
            chosen = self._named(self.tables, found)
        else:
            chosen = [r for r in found if r.kind in TABLES and (not r.is_member or r.condition is not None)]
        dropped = {relation.oid for relation in self._named(self.exclude, found)}
        left = [relation for relation in chosen if relation.oid not in dropped]
        if self.tables and not left:
            raise SelectionEmpty("Every table that was named is excluded as well.")
        return left

    def arguments(self, picked: Sequence[Relation], found: Sequence[Relation]) -> list[str]:
        """pg_dump's patterns, in which quotes take every character literally."""
        if self.tables:
            return [f"--table={relation.sql}" for relation in picked]
        return [f"--exclude-table={relation.sql}" for relation in self._named(self.exclude, found)]

    def _named(self, names: Iterable[Name], found: Sequence[Relation]) -> list[Relation]:
        by_name = {r.key: r for r in found if r.kind in TABLES and not r.is_member}
        unknown = [name for name in names if name not in by_name]
        if unknown:
            raise TablesUnknown(
                f"There is no table {_shown(unknown)} in the database, or it belongs to an extension. Names are exact, in "
                "upper and lower case too."
            )
        children: dict[int, list[Relation]] = {}
        for relation in found:
            if relation.parent is not None:
                children.setdefault(relation.parent, []).append(relation)
        wanted = {one.oid for name in names for one in _family(by_name[name], children)}
        return [relation for relation in found if relation.oid in wanted]


def require_readable(picked: Sequence[Relation]) -> None:
    """Raises PrivilegeMissing, naming what this login may not read, or may read only some rows of."""
    closed = [relation.key for relation in picked if not relation.is_readable]
    if closed:
        raise PrivilegeMissing(
            f"The login may not read {_shown(closed)}, so it cannot back that up. Grant it SELECT there and USAGE on the "
            "schema (the role pg_read_all_data has both), or exclude it."
        )
    filtered = [relation.key for relation in picked if relation.is_filtered]
    if filtered:
        raise PrivilegeMissing(
            f"Row-level security hides rows of {_shown(filtered)} from the login, so a backup would not be whole. Use "
            "the tables' owner, or a role with BYPASSRLS."
        )


def _family(table: Relation, children: dict[int, list[Relation]]) -> Iterator[Relation]:
    yield table
    for child in children.get(table.oid, ()):
        yield from _family(child, children)


def _shown(names: Sequence[Name]) -> str:
    shown = ", ".join(f"{quoted(schema)}.{quoted(name)}" for schema, name in names[:_MOST_SHOWN])
    return shown if len(names) <= _MOST_SHOWN else f"{shown} and {len(names) - _MOST_SHOWN} others"
