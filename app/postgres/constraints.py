"""How many constraints a database has, and which of them were never checked against the rows that are there."""

from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session

# Without those that partitions have from their parents, and those of extensions. NOT NULL became one with 18 only.
_CONSTRAINTS: Final = """
SELECT n.nspname || '.' || coalesce(c.relname, t.typname) || '.' || k.conname AS name, k.convalidated AS is_valid
  FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_namespace AS n ON n.oid = k.connamespace
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  LEFT JOIN pg_catalog.pg_type AS t ON t.oid = k.contypid
 WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.conparentid = 0
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (
         SELECT FROM pg_catalog.pg_depend AS d
          WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
            AND (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = k.conrelid
                 OR d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = k.contypid))
 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Constraints:
    count: int
    not_valid: tuple[str, ...]


async def read_constraints(session: Session) -> Constraints:
    rows = await session.fetch(_CONSTRAINTS)
    return Constraints(len(rows), tuple(row["name"] for row in rows if not row["is_valid"]))
