"""DELETE with keep_server: the database goes, its server stays; what a deletion tells beforehand, and while it waits."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.auth.models import AuditEvent
from app.databases.models import DatabaseState
from app.db.sql import run_sql
from app.events.models import DomainEvent
from app.kit.ids import decode_id, encode_id
from app.locations.models import Location
from app.runtime import Runtime
from tests.databases.records import add_database, somewhere
from tests.providers.railway_simulated.asking import an_environment, until
from tests.providers.railway_simulated.making import there
from tests.provisioning.conftest import Finished
from tests.provisioning.railway import There, adopted, impatient, platform, railway, settings
from tests.railway_simulator.process import Simulator

__all__ = ["impatient", "platform", "railway", "settings"]

pytestmark = pytest.mark.usefixtures("worker", "impatient")


async def test_a_database_in_a_fork_is_forgotten_without_a_word_to_railway(
    railway: There, platform: Simulator, runtime: Runtime, finished: Finished
) -> None:
    database = await adopted(railway, platform)
    path, place = f"/v1/databases/{database['id']}", database["railway"]
    fork = await an_environment(platform, sourceEnvironmentId=railway.environment_id)
    await until(lambda: there(platform, fork), lambda found: found.volumes)
    refused = await finished((await railway.delete(f"{path}?confirm=shop&final_backup=false")).json())
    assert refused["error"]["code"] == "RAILWAY_SHARED_BETWEEN_ENVIRONMENTS"
    assert "keep_server=true" in refused["error"]["detail"]
    environment = f"/v1/railway-connections/{railway.wish['connection_id']}/environments/{railway.environment_id}"
    refusal = (await railway.delete(f"{environment}?dry_run=true")).json()
    assert (refusal["code"], "keep_server=true" in refusal["detail"]) == ("HAS_DEPENDENTS", True)

    unsaid = await railway.delete(f"{path}?keep_server=true")
    assert (unsaid.status_code, unsaid.json()["code"]) == (409, "CONFIRMATION_MISSING")
    before = (await platform.state())["requests"]
    answer = (await railway.delete(f"{path}?keep_server=true&confirm=shop")).json()
    assert (answer["plan"]["final_backup"], answer["plan"]["service_id"]) == (False, None)
    job = await finished(answer)
    assert (await platform.state())["requests"] == before
    assert (job["state"], job["result"]["kept"]) == ("succeeded", True)
    assert (job["result"]["service_id"], job["result"]["volume_id"]) == (place["service_id"], place["volume_id"])
    assert place["volume_id"] in job["result"]["stays"]
    assert "billed" in job["result"]["stays"]
    found = await there(platform, railway.environment_id)
    assert (len(found.services), len(found.volumes)) == (1, 1)
    assert (await railway.get(path))["state"] == "deleted"
    async with runtime.sessions() as session:
        (event,) = (await session.exec(select(DomainEvent).where(col(DomainEvent.type) == "database.deleted"))).all()
        query = select(AuditEvent).where(col(AuditEvent.action) == "delete_database").order_by(col(AuditEvent.id))
        audited = (await session.exec(query)).all()
    assert event.data["kept"] is True
    assert [one.details["kept"] for one in audited] == [False, True]

    assert (await railway.delete(f"{environment}?dry_run=true")).status_code == 202
    assert (await railway.post(provider="railway-service", service_id=place["service_id"])).status_code == 201


async def test_a_trial_needs_no_confirmation_and_tells_which_service_and_volume_go(
    railway: There, platform: Simulator
) -> None:
    database = await adopted(railway, platform)
    path, place = f"/v1/databases/{database['id']}", database["railway"]
    tried = await railway.delete(f"{path}?dry_run=true&final_backup=false")
    assert tried.status_code == 202, tried.text
    plan = tried.json()["plan"]
    named = {name: plan[name] for name in ("service_id", "service_name", "volume_id")}
    assert named == {name: place[name] for name in named}
    assert (plan["railway_environment_id"], plan["recoverable_hours"]) == (railway.environment_id, 48)
    assert place["service_id"] in plan["steps"][0]
    assert place["volume_id"] in plan["steps"][1]
    kept = (await railway.delete(f"{path}?dry_run=true&keep_server=true")).json()["plan"]
    assert (kept["service_id"], kept["steps"]) == (None, ["forget the database"])
    assert place["service_id"] in kept["warnings"][0]
    assert (await railway.get(path))["state"] == "available"


async def test_a_server_of_somebody_else_stays_and_one_that_only_we_run_cannot(
    railway: There, runtime: Runtime, finished: Finished
) -> None:
    project_id = decode_id("prj", railway.wish["project_id"])
    theirs = await add_database(runtime, project_id, "theirs", target=somewhere(), provider="external")
    ours = await add_database(runtime, project_id, "ours", state=DatabaseState.FAILED)
    path = f"/v1/databases/{encode_id('db', ours.id)}"
    refused = await railway.delete(f"{path}?keep_server=true&confirm=ours")
    assert (refused.status_code, refused.json()["code"]) == (409, "PROVIDER_CANNOT")
    assert (await railway.get(path))["state"] == "failed"
    answer = await railway.delete(f"/v1/databases/{encode_id('db', theirs.id)}?keep_server=true&confirm=theirs")
    job = await finished(answer.json())
    assert (job["state"], job["result"]["kept"]) == ("succeeded", True)
    assert "db.internal:5432" in job["result"]["stays"]


async def test_a_deletion_says_what_its_final_backup_waits_for(
    railway: There, platform: Simulator, runtime: Runtime, finished: Finished
) -> None:
    """Nobody runs a worker of the label, so the backup stays queued until it is cancelled."""
    database = await adopted(railway, platform)
    path = f"/v1/databases/{database['id']}"
    labelled = await railway.client.patch(path, json={"worker_label": "beside"}, headers=railway.headers)
    assert labelled.json()["reach"] == "worker:beside"
    await _add_location(runtime, database)
    deletion = (await railway.delete(f"{path}?confirm=shop")).json()
    (child,) = await _wait_for(
        lambda: railway.get(f"/v1/jobs?parent_id={deletion['job']['id']}"), lambda page: page["data"]
    )
    async with runtime.sessions() as session, session.begin():
        statement = text("UPDATE job SET run_after = now() - interval '7 minutes' WHERE id = :id")
        await run_sql(session, statement, {"id": decode_id("job", child["id"])})
    reason = await _wait_for(
        lambda: railway.get(deletion["job"]["links"]["self"]),
        lambda job: job["waiting_for"] if "label" in (job["waiting_for"] or "") else None,
    )
    assert reason.startswith("the final backup: a worker of the label beside; none has asked for work in 7 minutes")
    await railway.post(f"/v1/jobs/{child['id']}:cancel")
    assert (await finished(deletion))["error"]["code"] == "FINAL_BACKUP_IMPOSSIBLE"


async def _wait_for(look: Any, wanted: Any) -> Any:
    for _ in range(300):
        if found := wanted(await look()):
            return found
        await asyncio.sleep(0.1)
    message = "it did not come within half a minute"
    raise AssertionError(message)


async def _add_location(runtime: Runtime, database: dict[str, Any]) -> None:
    async with runtime.sessions() as session, session.begin():
        session.add(
            Location(
                project_id=decode_id("prj", database["project_id"]),
                name="main",
                is_default=True,
                endpoint_url="https://s3.example.com",
                bucket="backups",
                access_key_id="key",
                secret_key_sealed=b"sealed",
                created_by="test",
            )
        )
