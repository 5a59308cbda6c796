"""A backup becomes a managed database of its own, with a server that is made for it."""

from typing import Any

import pytest
from sqlmodel import select

from app.databases.access import target_of
from app.databases.models import Database
from app.databases.spec import spec_of
from app.jobs import execution
from app.kit.ids import decode_id
from app.restores import steps
from app.restores.aftermath import discard_new_database
from app.restores.errors import RestoreMismatch
from app.restores.models import Restore
from tests.backups.conftest import Shop
from tests.restores.conftest import ROWS, Restorer, know_version, working
from tests.sessions import connect

TARGET = {"kind": "new_database", "name": "copy of the shop"}


@pytest.fixture(autouse=True)
async def no_server_left(shop: Shop) -> Any:
    yield
    async with shop.runtime.sessions() as session:
        databases = (await session.exec(select(Database).where(Database.name == TARGET["name"]))).all()
    for database in databases:
        if database.provider_data and database.password_sealed:
            await shop.runtime.providers["local"].destroy(spec_of(database, shop.runtime.key_ring))


async def test_a_backup_becomes_a_database_of_its_own(restorer: Restorer, backup: dict[str, Any]) -> None:
    shop = restorer.shop
    accepted = await restorer.start(backup, TARGET)
    path = f"/v1/databases/{accepted['restore']['database_id']}"
    assert (await shop.get(path))["state"] in {"creating", "restoring"}
    restore, job = await restorer.ended(accepted)
    assert job["state"] == "succeeded", job["error"]
    assert (restore["equal"], restore["report"]["rows"]) == (True, ROWS)
    database = await shop.get(path)
    assert (database["state"], database["name"]) == ("available", TARGET["name"])
    assert database["default_database"] == backup["logical_database"] == restore["logical_database"]
    assert database["server_version"].startswith("15.")
    children = (await shop.get(f"/v1/jobs?parent_id={job['id']}"))["data"]
    assert [child["kind"] for child in children] == ["database.create"]
    row = await row_of(shop, restore)
    async with connect(target_of(row, shop.runtime.key_ring), application_name="test") as session:
        assert await session.fetchval("SELECT count(*) FROM sales.orders") == 2000
        names = {found["datname"] for found in await session.fetch("SELECT datname FROM pg_database")}
    assert names == {"postgres", "template0", "template1", backup["logical_database"]}


async def test_a_later_major_can_be_asked_for_and_an_earlier_one_not(
    restorer: Restorer, backup: dict[str, Any]
) -> None:
    problem = await restorer.refused(backup, TARGET | {"major": 14})
    assert (problem["status"], problem["code"]) == (422, "VERSION_UNSUPPORTED")
    restore = await restorer.restored(backup, TARGET | {"major": 18})
    row = await row_of(restorer.shop, restore)
    assert row.server_major == 18


async def test_a_restore_that_fails_takes_its_server_with_it(restorer: Restorer) -> None:
    shop = restorer.shop
    (backup,) = await shop.take(encryption="none")
    store, key = await shop.store(), (await shop.manifest(backup)).archive_object.key
    await store.put(key, (await store.get(key))[:-1])
    restore, job = await restorer.ended(await restorer.start(backup, TARGET))
    assert (job["state"], job["error"]["code"]) == ("failed", "COPY_DAMAGED")
    await deleted(shop, restore)
    retried = await shop.post(f"/v1/jobs/{job['id']}:retry")
    assert (retried.status_code, retried.json()["code"]) == (409, "STATE_INVALID")


async def test_a_worker_that_dies_while_it_cleans_up_does_not_leave_the_server(
    restorer: Restorer, backup: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = discard_new_database
    times: list[int] = []

    async def dying(run: Any, restore: Restore) -> None:
        await original(run, restore)
        times.append(run.job.attempt)
        if len(times) == 1:
            raise OSError("as if killed")

    async def unequal(*_: object) -> None:
        raise RestoreMismatch("as if rows were missing")

    monkeypatch.setattr(steps, "discard_new_database", dying)
    monkeypatch.setattr(steps, "compare_and_report", unequal)
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.05)
    restore, job = await restorer.ended(await restorer.start(backup, TARGET))
    assert (job["state"], job["error"]["code"], len(times)) == ("failed", "RESTORE_MISMATCH", 2)
    await deleted(restorer.shop, restore)


async def test_a_server_that_could_not_be_asked_for_is_asked_for_again(
    restorer: Restorer, backup: dict[str, Any], first_enqueue_fails: list[str]
) -> None:
    restore = await restorer.restored(backup, TARGET)
    assert (restore["equal"], len(first_enqueue_fails)) == (True, 1)


@pytest.mark.usefixtures("children_wait")
async def test_a_server_whose_making_is_cancelled_fails_the_restore(restorer: Restorer, backup: dict[str, Any]) -> None:
    accepted = await restorer.start(backup, TARGET)
    await restorer.child_cancelled(accepted)
    restore, job = await restorer.ended(accepted)
    assert (job["state"], job["error"]["code"]) == ("failed", "NEW_DATABASE_FAILED")
    await deleted(restorer.shop, restore)


async def test_a_restore_that_no_worker_took_leaves_no_database(shop: Shop) -> None:
    await know_version(shop, 15)
    async with working(shop.runtime):
        (backup,) = await shop.take()
    accepted = await Restorer(shop).start(backup, TARGET)
    await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)
    assert (await shop.get(f"/v1/databases/{accepted['restore']['database_id']}"))["state"] == "deleted"


async def test_a_name_that_a_database_of_the_environment_has(restorer: Restorer, backup: dict[str, Any]) -> None:
    problem = await restorer.refused(backup, TARGET | {"name": restorer.shop.database.name})
    assert (problem["status"], problem["code"]) == (409, "NAME_TAKEN")
    assert (await restorer.shop.get(f"/v1/restores?backup_id={backup['id']}"))["data"] == []


async def deleted(shop: Shop, restore: dict[str, Any]) -> None:
    """By one job, which is nobody's child."""
    jobs = (await shop.get(f"/v1/jobs?database_id={restore['database_id']}&kind=database.delete"))["data"]
    (ended,) = [await shop.ended(job) for job in jobs]
    assert (ended["state"], ended["parent_id"]) == ("succeeded", None)
    assert (await shop.get(f"/v1/databases/{restore['database_id']}"))["state"] == "deleted"


async def row_of(shop: Shop, restore: dict[str, Any]) -> Database:
    async with shop.runtime.sessions() as session:
        return await session.get_one(Database, decode_id("db", restore["database_id"]))
