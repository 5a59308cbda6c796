"""What a role owns in one database, and handing it to another role object by object.

REASSIGN OWNED refuses the role that initdb made, since the system's objects are its own too, and takes all of its locks
in one transaction. Here each object has a statement of its own, a few of them a transaction, and what somebody uses is
tried again.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from app.postgres.connect import Session
from app.postgres.errors import LockTimeout
from app.postgres.identifiers import quoted
from app.postgres.looking import looking

_BATCH: Final = 25
_BATCH_LOCK_MILLISECONDS: Final = 80
_PASSES: Final = 3
_PAUSE_SECONDS: Final = 1.0
_NAMED: Final = 5
_IN_USE: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
_GONE: Final = (
    asyncpg.UndefinedObjectError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
)

# In the order of the hand-over: what others are read through comes after what it reads, so that a view never belongs to a
# role that has no right to its tables yet. Sequences of columns, array types and indexes follow by themselves.
_KINDS: Final = {
    "schema": "SCHEMA",
    "type": "TYPE",
    "domain": "DOMAIN",
    "collation": "COLLATION",
    "conversion": "CONVERSION",
    "table": "TABLE",
    "foreign table": "FOREIGN TABLE",
    "sequence": "SEQUENCE",
    "function": "ROUTINE",
    "procedure": "ROUTINE",
    "aggregate": "ROUTINE",
    "operator": "OPERATOR",
    "operator class": "OPERATOR CLASS",
    "operator family": "OPERATOR FAMILY",
    "text search dictionary": "TEXT SEARCH DICTIONARY",
    "text search configuration": "TEXT SEARCH CONFIGURATION",
    "statistics": "STATISTICS",
    "materialized view": "MATERIALIZED VIEW",
    "view": "VIEW",
    "large object": "LARGE OBJECT",
    "publication": "PUBLICATION",
}
_READABLE: Final = frozenset({"table", "foreign table", "materialized view", "view"})

# Identities are quoted and qualified by the server itself. What an extension or a range type made stays with it, and with
# us the function that the pooler asks, which would know no password as anybody else's.
_OBJECTS: Final = """
WITH me AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1), found (class, oid, schema, kind) AS (
SELECT 'pg_catalog.pg_namespace'::regclass, oid, oid, 'schema'
  FROM pg_catalog.pg_namespace WHERE nspowner = (TABLE me) AND nspname <> 'public'
UNION ALL
SELECT 'pg_catalog.pg_class'::regclass, c.oid, c.relnamespace,
       CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                      WHEN 'S' THEN 'sequence' ELSE 'table' END
  FROM pg_catalog.pg_class AS c
 WHERE c.relowner = (TABLE me) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
   AND NOT (c.relkind = 'S' AND EXISTS (
           SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
              AND d.refclassid = 'pg_catalog.pg_class'::regclass))
UNION ALL
SELECT 'pg_catalog.pg_type'::regclass, t.oid, t.typnamespace, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END
  FROM pg_catalog.pg_type AS t LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
 WHERE t.typowner = (TABLE me) AND t.typtype IN ('b', 'c', 'd', 'e', 'r') AND (c.oid IS NULL OR c.relkind = 'c')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS e WHERE e.typarray = t.oid)
UNION ALL
SELECT 'pg_catalog.pg_proc'::regclass, oid, pronamespace,
       CASE prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END
  FROM pg_catalog.pg_proc WHERE proowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_operator'::regclass, oid, oprnamespace, 'operator'
  FROM pg_catalog.pg_operator WHERE oprowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace, 'operator class'
  FROM pg_catalog.pg_opclass WHERE opcowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_opfamily'::regclass, oid, opfnamespace, 'operator family'
  FROM pg_catalog.pg_opfamily WHERE opfowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_collation'::regclass, oid, collnamespace, 'collation'
  FROM pg_catalog.pg_collation WHERE collowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_conversion'::regclass, oid, connamespace, 'conversion'
  FROM pg_catalog.pg_conversion WHERE conowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_ts_dict'::regclass, oid, dictnamespace, 'text search dictionary'
  FROM pg_catalog.pg_ts_dict WHERE dictowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_ts_config'::regclass, oid, cfgnamespace, 'text search configuration'
  FROM pg_catalog.pg_ts_config WHERE cfgowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_statistic_ext'::regclass, oid, stxnamespace, 'statistics'
  FROM pg_catalog.pg_statistic_ext WHERE stxowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_largeobject'::regclass, oid, NULL, 'large object'
  FROM pg_catalog.pg_largeobject_metadata WHERE lomowner = (TABLE me)
UNION ALL
SELECT 'pg_catalog.pg_publication'::regclass, oid, NULL, 'publication'
  FROM pg_catalog.pg_publication AS p
 WHERE pubowner = (TABLE me) AND NOT puballtables
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.refclassid = 'pg_catalog.pg_publication'::regclass AND d.refobjid = p.oid
                      AND d.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace'))
)
SELECT f.oid::bigint AS oid, f.kind, i.identity
  FROM found AS f
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = f.schema
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(f.class, f.oid, 0) AS i
 WHERE CASE WHEN n.oid IS NULL THEN $2::text[] IS NULL
            ELSE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pgm_pooler')
                 AND ($2::text[] IS NULL OR n.nspname = ANY ($2)) END
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = f.class AND d.objid = f.oid
                      AND (d.deptype = 'e' OR d.deptype = 'i' AND d.refclassid = 'pg_catalog.pg_type'::regclass))
 ORDER BY pg_catalog.array_position($3::text[], f.kind), f.oid
"""
_HOLDERS: Final = """
SELECT DISTINCT format('process %s (%s, %s)', a.pid, a.usename, coalesce(nullif(a.application_name, ''), 'nameless'))
  FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
 WHERE l.locktype = 'relation' AND l.granted AND l.relation = ANY ($1::oid[]) AND l.pid <> pg_catalog.pg_backend_pid()
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
 LIMIT 5
"""


@dataclass(frozen=True, slots=True)
class OwnedObject:
    """``identity`` is as SQL names it."""

    oid: int
    kind: str
    identity: str

    def handed_to(self, role: str) -> str:
        return f"ALTER {_KINDS[self.kind]} {self.identity} OWNER TO {quoted(role)}"


async def owned_by(session: Session, role: str, *, schemas: Sequence[str] | None = None) -> list[OwnedObject]:
    """What can be handed over, in the order for it. With ``schemas``, only what lies in one of them.

    The schema public stays with the server: whoever owns it could drop it with all that extensions keep there.
    """
    async with looking(session):
        rows = await session.fetch(_OBJECTS, role, None if schemas is None else list(schemas), list(_KINDS))
    return [OwnedObject(**dict(row)) for row in rows]


def hand_over_statements(objects: Sequence[OwnedObject], to: str) -> list[str]:
    readable = [one for one in objects if one.kind in _READABLE]
    return [*(_granted(batch, to) for batch in _batches(readable)), *(one.handed_to(to) for one in objects)]


async def hand_over(
    session: Session, objects: Sequence[OwnedObject], to: str, *, note: Callable[[int], object] = lambda _done: None
) -> None:
    """May be repeated after anything. The session's lock timeout bounds how long anybody waits behind us.

    ``note`` gets the number of objects that are done. Raises LockTimeout, naming what is in use and by whom.
    """
    await _grant(session, objects, to)
    left, finished = list(objects), 0
    for attempt in range(_PASSES):
        if attempt:
            await asyncio.sleep(_PAUSE_SECONDS)
        used: list[OwnedObject] = []
        for batch in _batches(left):
            used += await _hand_over_batch(session, batch, to)
            finished += len(batch)
            note(finished - len(used))
        finished -= len(used)
        left = used
        if not left:
            return
    raise await _in_use(session, left)


async def _hand_over_batch(session: Session, batch: Sequence[OwnedObject], to: str) -> list[OwnedObject]:
    """Those that somebody uses. At first all in one transaction, and each in its own if that fails.

    What the transaction has locked already waits with us for the rest, so it waits for very little.
    """
    if len(batch) > 1:
        try:
            async with session.transaction():
                await session.execute(f"SET LOCAL lock_timeout = {_BATCH_LOCK_MILLISECONDS}")
                await session.execute("; ".join(one.handed_to(to) for one in batch))
        except (*_IN_USE, *_GONE):
            pass
        else:
            return []
    used = []
    for one in batch:
        try:
            await _run(session, one.handed_to(to))
        except _IN_USE:
            used.append(one)
    return used


async def _run(session: Session, statement: str) -> None:
    """What has been dropped meanwhile needs no owner."""
    try:
        await session.execute(statement)
    except _GONE:
        return


async def _in_use(session: Session, left: Sequence[OwnedObject]) -> LockTimeout:
    async with looking(session):
        holders = [row[0] for row in await session.fetch(_HOLDERS, [one.oid for one in left])]
    named = ", ".join(f"the {one.kind} {one.identity}" for one in left[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    by = f" by {', '.join(holders)}" if holders else ""
    return LockTimeout(
        f"Used without a pause{by}: {named}{more}. The rest has its new owner. Repeat the request when that transaction has "
        "ended, or end its session.",
        retry_after=5,
    )


async def _grant(session: Session, objects: Sequence[OwnedObject], to: str) -> None:
    for batch in _batches([one for one in objects if one.kind in _READABLE]):
        try:
            await session.execute(_granted(batch, to))
        except _GONE:
            for one in batch:
                await _run(session, _granted([one], to))


def _granted(batch: Sequence[OwnedObject], to: str) -> str:
    """Before they are handed over, so that nobody meanwhile finds a view whose owner may not read its tables.

    With the hand-over it becomes the right of the owner.
    """
    return f"GRANT ALL ON TABLE {', '.join(one.identity for one in batch)} TO {quoted(to)}"


def _batches(objects: Sequence[OwnedObject]) -> Iterator[Sequence[OwnedObject]]:
    for start in range(0, len(objects), _BATCH):
        yield objects[start : start + _BATCH]
