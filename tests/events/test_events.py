from uuid import UUID

import httpx
import pytest

from app.events.emit import emit
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime
from tests.databases.records import add_database, create_project


@pytest.fixture
async def database_id(client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime) -> UUID:
    project_id = await create_project(client, as_admin)
    return (await add_database(runtime, project_id)).id


async def write(runtime: Runtime, database_id: UUID | None, *kinds: str) -> UUID:
    job_id = new_id()
    async with runtime.sessions() as session, session.begin():
        for kind in kinds:
            emit(session, kind, project_id=new_id(), database_id=database_id, job_id=job_id, kind_of=kind)
    return job_id


async def test_a_fact_is_shown_with_what_it_is_about(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, database_id: UUID
) -> None:
    job_id = await write(runtime, database_id, "backup.succeeded")
    path = f"/v1/databases/{encode_id('db', database_id)}/events"
    (event,) = (await client.get(path, headers=as_admin)).json()["data"]
    assert event["type"] == "backup.succeeded"
    assert event["database_id"] == encode_id("db", database_id)
    assert event["job_id"] == encode_id("job", job_id)
    assert event["data"] == {"kind_of": "backup.succeeded"}
    assert event["id"].startswith("evt_")


async def test_events_come_in_pages_newest_first(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, database_id: UUID
) -> None:
    await write(runtime, database_id, "a.one", "b.two", "c.three")
    await write(runtime, new_id(), "of.another")
    await write(runtime, None, "of.none")
    path = f"/v1/databases/{encode_id('db', database_id)}/events"
    first = (await client.get(f"{path}?limit=2", headers=as_admin)).json()
    second = (await client.get(f"{path}?limit=2&cursor={first['next_cursor']}", headers=as_admin)).json()
    assert [event["type"] for page in (first, second) for event in page["data"]] == ["c.three", "b.two", "a.one"]
    assert second["next_cursor"] is None


async def test_a_fact_is_taken_back_with_its_transaction(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, database_id: UUID
) -> None:
    async with runtime.sessions() as session:
        emit(session, "backup.succeeded", project_id=new_id(), database_id=database_id)
        await session.flush()
        await session.rollback()
    path = f"/v1/databases/{encode_id('db', database_id)}/events"
    assert (await client.get(path, headers=as_admin)).json()["data"] == []
