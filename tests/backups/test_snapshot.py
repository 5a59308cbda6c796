"""Locks before the snapshot, and what that promises."""

import asyncio

import asyncpg
import pytest

from app.postgres.connect import Target
from app.postgres.errors import LockTimeout, PrivilegeMissing
from app.postgres.relations import Selection, SelectionEmpty, TablesUnknown, relations, require_readable
from app.postgres.snapshot import held_snapshot
from tests.backups.conftest import Shop, waits_for_a_lock
from tests.sessions import connect

EVERYTHING = Selection()


@pytest.fixture
async def table(fresh: Target) -> Target:
    async with connect(fresh, application_name="test") as session:
        await session.execute("CREATE TABLE t AS SELECT generate_series(1, 100) AS id; CREATE TABLE u (id integer)")
    return fresh


async def rows_in(
    target: Target, selection: Selection = EVERYTHING, *, lock_timeout_seconds: float = 20
) -> dict[str, int]:
    async with held_snapshot(
        target, selection, server_major=15, application_name="backup", lock_timeout_seconds=lock_timeout_seconds
    ) as snapshot:
        return {one.name: await snapshot.count(one, timeout_seconds=10) for one in snapshot.picked}


async def test_a_truncate_cannot_come_between_the_snapshot_and_its_reader(table: Target) -> None:
    async with (
        held_snapshot(table, EVERYTHING, server_major=15, application_name="backup") as snapshot,
        connect(table, application_name="other", lock_timeout_seconds=0.2) as other,
    ):
        with pytest.raises(asyncpg.LockNotAvailableError):
            await other.execute("TRUNCATE t")
        await other.execute("DELETE FROM t WHERE id > 10")
        async with connect(table, application_name="reader") as reader, reader.transaction(isolation="repeatable_read"):
            await reader.execute(f"SET TRANSACTION SNAPSHOT '{snapshot.snapshot_id}'")
            assert await reader.fetchval("SELECT count(*) FROM t") == 100
        (t,) = [one for one in snapshot.picked if one.name == "t"]
        assert await snapshot.count(t, timeout_seconds=10) == 100


async def test_a_truncate_that_held_the_lock_is_seen_whole(table: Target) -> None:
    """The snapshot is younger than the lock: it sees the truncated table with the row that followed, not the old rows."""
    async with connect(table, application_name="other") as other, asyncio.timeout(30):
        truncate = other.transaction()
        await truncate.start()
        await other.execute("TRUNCATE t; INSERT INTO t VALUES (1), (2)")
        taking = asyncio.create_task(rows_in(table))
        await waits_for_a_lock(table)
        await truncate.commit()
        assert await taking == {"t": 2, "u": 0}


async def test_a_lock_that_is_not_granted_names_the_table_and_its_holder(table: Target) -> None:
    async with connect(table, application_name="migration of the day") as other, other.transaction():
        await other.execute("LOCK TABLE u IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LockTimeout) as raised:
            await rows_in(table, lock_timeout_seconds=0.3)
        assert raised.value.retryable
        members = raised.value.members
        assert (members["table"], members["blocker_pid"]) == ("public.u", other.get_server_pid())
        assert "migration of the day" in raised.value.detail


async def test_tables_made_or_dropped_while_locks_are_taken_are_looked_at_again(table: Target) -> None:
    async with connect(table, application_name="other") as other, asyncio.timeout(30):
        change = other.transaction()
        await change.start()
        await other.execute("CREATE TABLE late AS SELECT 1 AS id; DROP TABLE u; LOCK TABLE t")
        taking = asyncio.create_task(rows_in(table))
        await waits_for_a_lock(table)
        await change.commit()
        assert await taking == {"late": 1, "t": 100}


async def test_counting_does_not_wait_for_someone_who_waits_for_our_locks(table: Target) -> None:
    async with (
        connect(table, application_name="other", lock_timeout_seconds=0) as other,
        held_snapshot(table, EVERYTHING, server_major=15, application_name="backup") as snapshot,
        asyncio.timeout(30),
    ):
        altering = asyncio.create_task(other.execute("ALTER TABLE t ADD COLUMN more text"))
        await waits_for_a_lock(table)
        (t,) = [one for one in snapshot.picked if one.name == "t"]
        assert await snapshot.count(t, timeout_seconds=5) == 100
        assert not altering.done()
        await snapshot.session.execute("ROLLBACK")
        await altering


async def test_unknown_and_excluded_names(table: Target) -> None:
    async with connect(table, application_name="test") as session:
        await session.execute("CREATE VIEW v AS SELECT 1; CREATE EXTENSION hstore")
        found = await relations(session)
    for unknown in ("T", "v", "x"):
        with pytest.raises(TablesUnknown):
            Selection(tables=(("public", unknown),)).picked(found)
    with pytest.raises(SelectionEmpty):
        Selection(tables=(("public", "t"),), exclude=(("public", "t"),)).picked(found)


async def test_rows_hidden_by_a_policy_and_closed_tables_are_refused(shop: Shop) -> None:
    role = f"reader_{shop.target.database}"
    await shop.execute(
        f"CREATE ROLE {role}; CREATE TABLE a (id integer); CREATE TABLE b (id integer); GRANT SELECT ON a TO {role};"
        "ALTER TABLE a ENABLE ROW LEVEL SECURITY"
    )
    try:
        async with shop.session() as session:
            await session.execute(f"SET ROLE {role}")
            found = await relations(session)
        with pytest.raises(PrivilegeMissing, match=r'"public"\."b"'):
            require_readable(found)
        with pytest.raises(PrivilegeMissing, match=r'Row-level security hides rows of "public"\."a"'):
            require_readable([one for one in found if one.name == "a"])
    finally:
        await shop.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
