"""The last good backup of a logical database goes only when somebody is sure, whatever else the rows hold or do."""

import asyncio

import pytest
from sqlalchemy import text

from app.backups.copy_rows import require_unused
from app.backups.models import Backup, BackupCopy, BackupState, CopyState
from app.backups.repository import BackupRepository
from app.db.sql import run_sql
from app.kit.ids import decode_id
from app.runtime import Runtime
from tests.backups.conftest import Shop

pytestmark = pytest.mark.usefixtures("worker")

_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"


async def test_a_backup_of_which_no_good_copy_is_left_spares_no_other(shop: Shop) -> None:
    (older,), (newer,) = await shop.take(), await shop.take()
    async with shop.runtime.sessions() as session, session.begin():
        backup_id = decode_id("bak", newer["id"])
        (await session.get_one(Backup, backup_id)).state = BackupState.PARTIAL
        (await session.get_one(BackupCopy, (backup_id, shop.location.id))).state = CopyState.CORRUPT
    for path in (f"/v1/backups/{older['id']}", f"/v1/backups/{older['id']}/copies/{older['copies'][0]['location_id']}"):
        refused = await shop.delete(path)
        assert (refused.status_code, refused.json()["code"]) == (409, "CONFIRMATION_MISSING")
    assert (await shop.get(f"/v1/backups/{older['id']}"))["state"] == "available"


async def test_of_the_last_two_that_are_deleted_at_once_one_asks_to_be_sure(shop: Shop, runtime: Runtime) -> None:
    (older,), (newer,) = await shop.take(), await shop.take()
    async with runtime.sessions() as session, session.begin():
        backups = BackupRepository(session)
        first = await backups.get(decode_id("bak", older["id"]), None, change=True)
        assert first is not None
        await require_unused(session, first)
        assert await backups.has_other_good(first)
        await backups.move(first.id, frm={BackupState.AVAILABLE}, to=BackupState.DELETING)
        async with asyncio.TaskGroup() as tasks:
            second = tasks.create_task(shop.delete(f"/v1/backups/{newer['id']}"))
            await _somebody_waits(runtime)
            assert not second.done()
            await session.commit()
    refused = second.result()
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFIRMATION_MISSING")


async def _somebody_waits(runtime: Runtime) -> None:
    async with asyncio.timeout(60):
        while True:
            async with runtime.sessions() as session:
                if (await run_sql(session, text(_WAITS))).scalar_one():
                    return
            await asyncio.sleep(0.05)
