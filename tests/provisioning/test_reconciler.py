"""What the reconciler tells of servers that it cannot bring back."""

from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from app.databases.models import Database, DatabaseState
from app.events.models import Alert
from app.kit.ids import decode_id
from app.provisioning.reconciler import reconcile
from app.runtime import Runtime
from tests.databases.records import add_database, create_project, somewhere


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


async def the_alert(runtime: Runtime) -> Alert:
    async with runtime.sessions() as session:
        return (await session.exec(select(Alert))).one()


async def test_a_server_that_stays_away_is_one_incident_that_is_seen_again(
    runtime: Runtime, project_id: UUID, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    nowhere = {"port": 24999, "major": 15}
    database = await add_database(
        runtime, project_id, target=somewhere(), host_id=runtime.host_id, provider_data=nowhere
    )
    await reconcile(runtime)
    first = await the_alert(runtime)
    assert (first.type, first.count, first.database_id) == ("database.unreachable", 1, database.id)
    for _ in range(2):
        await reconcile(runtime)
    alert = await the_alert(runtime)
    assert (alert.id, alert.count, alert.cleared_at) == (first.id, 3, None)
    assert alert.last_seen_at > first.last_seen_at

    async with runtime.sessions() as session, session.begin():
        row = await session.get_one(Database, database.id)
        revision = row.revision
        row.state = DatabaseState.RESTARTING  # a job took it
    await reconcile(runtime)
    assert (await the_alert(runtime)).count == 3
    (job,) = (await client.get("/v1/jobs?kind=alerts.announce", headers=as_admin)).json()["data"]
    assert decode_id("alr", job["subject_id"]) == alert.id
    assert revision == 2  # looking again changes nothing that callers see
