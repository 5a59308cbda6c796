"""A moment of a database, held still: tables locked first, then a snapshot that pg_dump and exact counts share."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from app.errors import Problem, Unavailable
from app.postgres.connect import Session, Target, connect
from app.postgres.errors import LockTimeout, StatementTimeout
from app.postgres.relations import Name, Relation, RelationKind, Selection, relations

LOCK_TIMEOUT_SECONDS: Final = 30.0
_LOCKED_AT_ONCE: Final = 500
_ROUNDS: Final = 10
_NO_TRANSACTION_TIMEOUT: Final = 17  # the major that has the setting

_EXPORT: Final = """
SELECT pg_catalog.pg_export_snapshot() AS id, pg_catalog.clock_timestamp() AS at,
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
            ELSE pg_catalog.pg_current_wal_lsn() END::text AS lsn
"""
_SEQUENCES: Final = """
SELECT schemaname AS schema, sequencename AS name, last_value FROM pg_catalog.pg_sequences
"""
_SIZES: Final = """
SELECT oid::bigint, pg_catalog.pg_table_size(oid) AS size FROM pg_catalog.unnest($1::oid[]) AS oid
"""
_LARGE_OBJECTS: Final = "SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata"
# A share lock waits for an exclusive one that is held, and also for one that itself waits in front of it.
_BLOCKERS: Final = """
SELECT l.pid, l.granted, l.relation::pg_catalog.regclass::text AS name, a.application_name, a.xact_start
  FROM pg_catalog.pg_locks AS l LEFT JOIN pg_catalog.pg_stat_activity AS a USING (pid)
 WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation = ANY ($1::oid[])
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
 ORDER BY l.granted DESC, l.pid LIMIT 1
"""


class CatalogUnsettled(Unavailable):
    code, title = "CATALOG_UNSETTLED", "Tables are made and dropped too quickly to be backed up"


@dataclass(frozen=True, slots=True)
class HeldSnapshot:
    """Lives as long as its session. What it counts is what a dump with ``snapshot_id`` holds.

    Counting in the very session that holds the locks is essential: in another one it would queue up behind whoever waits
    for these locks to end, and so would wait for itself.
    """

    session: Session
    snapshot_id: str
    at: datetime
    lsn: str | None
    found: tuple[Relation, ...]
    picked: tuple[Relation, ...]

    async def sizes(self) -> dict[int, int]:
        """Bytes of each table by oid, TOAST included."""
        oids = [relation.oid for relation in self.picked if relation.kind is RelationKind.TABLE]
        return {row["oid"]: row["size"] or 0 for row in await self.session.fetch(_SIZES, oids)}

    async def count(self, table: Relation, *, timeout_seconds: float) -> int:
        """Rows of the table itself, without those of tables that inherit from it. Raises StatementTimeout."""
        try:
            counted = await self.session.fetchval(
                f"SELECT pg_catalog.count(*) FROM ONLY {table.sql} {table.condition or ''}",  # noqa: S608 (quoted names; the condition is the extension's own)
                timeout=timeout_seconds,
            )
        except TimeoutError:
            raise StatementTimeout(
                f"Counting the rows of {table.sql} took longer than {timeout_seconds:.0f} s. Raise the limit in the "
                "settings (count_timeout_seconds)."
            ) from None
        return int(counted)

    async def sequences(self) -> dict[Name, int | None]:
        """Last values; None for those never used, or not readable. They move on, whatever snapshot is held."""
        return {(row["schema"], row["name"]): row["last_value"] for row in await self.session.fetch(_SEQUENCES)}

    async def large_objects(self) -> int:
        return int(await self.session.fetchval(_LARGE_OBJECTS))


@asynccontextmanager
async def held_snapshot(
    target: Target,
    selection: Selection,
    *,
    server_major: int,
    application_name: str,
    lock_timeout_seconds: float = LOCK_TIMEOUT_SECONDS,
) -> AsyncGenerator[HeldSnapshot]:
    """Locks every selected table, then takes the snapshot; both end with the context.

    The locks come before the transaction's first query, which is what takes its snapshot: a TRUNCATE that commits after a
    snapshot empties the table for that snapshot too. Raises LockTimeout, which names the table and who holds it.
    """
    async with connect(
        target,
        application_name=application_name,
        statement_timeout_seconds=0,
        lock_timeout_seconds=lock_timeout_seconds,
        idle_in_transaction_timeout_seconds=0,
    ) as session:
        await session.execute("SET search_path = ''; SET row_security = off")
        if server_major >= _NO_TRANSACTION_TIMEOUT:
            await session.execute("SET transaction_timeout = 0")
        for _ in range(_ROUNDS):
            wanted = selection.picked(await relations(session))
            async with session.transaction(isolation="repeatable_read", readonly=True):
                if not await _locked(session, wanted, target, lock_timeout_seconds):
                    continue
                row = await session.fetchrow(_EXPORT)
                assert row
                found = tuple(await relations(session))
                picked = tuple(selection.picked(found))
                # What was made or renamed after the first look is in the snapshot, but not locked.
                if {relation.key for relation in picked} <= {relation.key for relation in wanted}:
                    yield HeldSnapshot(session, row["id"], row["at"], row["lsn"], found, picked)
                    return
        raise CatalogUnsettled(
            f"In each of {_ROUNDS} attempts tables were made, renamed or dropped between looking and locking. Try again "
            "when fewer are."
        )


async def _locked(session: Session, wanted: Sequence[Relation], target: Target, timeout_seconds: float) -> bool:
    """False when one of them is gone meanwhile; the transaction is over then."""
    for start in range(0, len(wanted), _LOCKED_AT_ONCE):
        batch = wanted[start : start + _LOCKED_AT_ONCE]
        names = ", ".join(f"ONLY {relation.sql}" for relation in batch)
        try:
            # Without parameters, so that it is sent as it is: preparing it would take a snapshot first.
            await session.execute(f"LOCK TABLE {names} IN ACCESS SHARE MODE")
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.WrongObjectTypeError):
            return False
        except asyncpg.LockNotAvailableError as error:
            raise await lock_report(batch, target, timeout_seconds) from error
    return True


async def lock_report(tables: Sequence[Relation], target: Target, timeout_seconds: float) -> LockTimeout:
    """Names the first of ``tables`` that somebody else holds or wants for himself, and who that is."""
    blocker = None
    with suppress(Problem):  # the timeout itself is what matters
        async with connect(target, application_name="pgmanager lock report") as session:
            blocker = await session.fetchrow(_BLOCKERS, [relation.oid for relation in tables])
    if blocker is None:
        return LockTimeout(
            f"A table could not be locked for reading within {timeout_seconds:.0f} s; whoever held it is gone. Try again."
        )
    since = f" since {blocker['xact_start']:%H:%M:%S} UTC" if blocker["xact_start"] else ""
    holds = "holds an exclusive lock on" if blocker["granted"] else "waits for an exclusive lock on"
    return LockTimeout(
        f"The backup waited {timeout_seconds:.0f} s for {blocker['name']}: process {blocker['pid']} "
        f"({blocker['application_name'] or 'no application name'}) {holds} it{since}. It is tried again; if that "
        f"transaction never ends, end it with pg_terminate_backend({blocker['pid']}).",
        table=blocker["name"],
        blocker_pid=blocker["pid"],
    )
