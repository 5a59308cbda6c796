"""Failures of backups that somebody must hear of, and what ends them."""

from typing import Any

import pytest

from app.backups.schemas import TakeBackup
from app.jobs.enqueue import Target, enqueue
from app.kit.ids import encode_id
from app.locations.models import Location
from app.runtime import Runtime
from tests.backups.conftest import Shop, waits_for_a_lock, working
from tests.backups.test_failures import log_in_as


async def alerts(shop: Shop, state: str = "open") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await shop.get(f"/v1/alerts?state={state}"))["data"]
    return found


@pytest.mark.usefixtures("worker")
async def test_failed_backups_of_a_database_are_one_incident_until_one_succeeds(shop: Shop, runtime: Runtime) -> None:
    await log_in_as(shop, runtime, shop.target.user, "wrong")
    await shop.ended((await shop.start())["job"])
    job = await shop.ended((await shop.start())["job"])
    assert job["state"] == "failed"
    (alert,) = await alerts(shop)
    assert (alert["type"], alert["count"], alert["severity"]) == ("backup.failed", 2, "crit")
    assert alert["key"] == f"backup.failed:{alert['database_id']}"
    assert alert["title"] == f"A backup of {shop.target.database} failed"
    assert alert["detail"] == job["error"]["detail"]
    assert alert["data"] == {"job_id": job["id"], "code": "AUTHENTICATION_FAILED"}

    await log_in_as(shop, runtime, shop.target.user, shop.target.password.get_secret_value())
    (backup,) = await shop.take()
    assert await alerts(shop) == []
    (cleared,) = await alerts(shop, "cleared")
    assert (cleared["id"], cleared["cleared_reason"]) == (alert["id"], f"{backup['id']} is available")


async def test_a_cancelled_backup_alerts_nobody(shop: Shop) -> None:
    queued = await shop.start()
    await shop.post(f"/v1/jobs/{queued['job']['id']}:cancel")
    await shop.execute("CREATE TABLE held (id integer)")
    async with working(shop.runtime, wishes_seconds=0.2), shop.session() as blocker, blocker.transaction():
        await blocker.execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE")
        running = await shop.start()
        await waits_for_a_lock(shop.target)
        await shop.post(f"/v1/jobs/{running['job']['id']}:cancel")
        job = await shop.ended(running["job"])
    assert job["state"] == "cancelled"
    assert await alerts(shop, "all") == []


@pytest.mark.usefixtures("worker")
async def test_a_backup_that_failed_before_it_had_rows_alerts_too(shop: Shop) -> None:
    """All databases of a server that nobody can log in to: which ones they are is not known."""
    await log_in_as(shop, shop.runtime, shop.target.user, "wrong")
    async with shop.runtime.sessions() as session, session.begin():
        args, targets = TakeBackup.final(shop.database.id), [Target(shop.database.id)]
        enqueued = await enqueue(session, args, created_by="test", targets=targets, project_id=shop.project_id)
    job = await shop.ended(await shop.get(f"/v1/jobs/{encode_id('job', enqueued.job.id)}"))
    assert (job["state"], (await shop.get(shop.path))["data"]) == ("failed", [])
    (alert,) = await alerts(shop)
    assert (alert["title"], alert["count"]) == ("A backup failed", 1)


@pytest.mark.usefixtures("worker")
async def test_a_deletion_that_failed_for_good_alerts_until_the_backup_is_deleted(shop: Shop) -> None:
    (backup,) = await shop.take()

    async def set_access_key(text: str) -> None:
        async with shop.runtime.sessions() as session, session.begin():
            (await session.get_one(Location, shop.location.id)).access_key_id = text

    await set_access_key("revoked")
    answer = await shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")
    job = await shop.ended(answer.json()["job"])
    (alert,) = await alerts(shop)
    assert (alert["type"], alert["subject_id"]) == ("backup.deletion_failed", backup["id"])
    assert alert["data"] == {"job_id": job["id"], "code": "LOCATION_ACCESS_DENIED"}

    jobs = (await shop.get("/v1/jobs?kind=backup.delete"))["data"]
    assert sorted(one["state"] for one in jobs) == ["failed", "queued"]  # it is tried again in an hour, for ever
    await set_access_key(shop.location.access_key_id)
    retried = await shop.post(f"/v1/jobs/{job['id']}:retry")
    assert (await shop.ended(retried.json()))["state"] == "succeeded"
    (cleared,) = await alerts(shop, "all")
    assert (cleared["id"], cleared["cleared_reason"]) == (alert["id"], "it is deleted")
