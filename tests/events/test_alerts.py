"""Alerts as rows: opened and cleared by key, in their transaction, and who sees them."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.auth.scopes import Scope
from app.events.alerts import LONGEST_DETAIL, clear_alert, open_alert
from app.events.models import AlertType
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import create_project

KIND = AlertType.DATABASE_UNREACHABLE


async def opened(runtime: Runtime, about: str, detail: str = "It does not answer.", **values: Any) -> None:
    async with runtime.sessions() as session, session.begin():
        await open_alert(
            session, KIND, about, title="A server is away", detail=detail, **{"project_id": None, **values}
        )


async def cleared(runtime: Runtime, about: str) -> None:
    async with runtime.sessions() as session, session.begin():
        await clear_alert(session, KIND, about, reason="it answers")


async def announcements(runtime: Runtime) -> list[str]:
    async with runtime.sessions() as session:
        jobs = (await session.exec(select(Job).where(Job.kind == "alerts.announce").order_by(col(Job.id)))).all()
    assert all(job.project_id is None for job in jobs)
    return [job.args["message"]["type"] for job in jobs]


async def listed(client: httpx.AsyncClient, headers: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/alerts{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def test_an_incident_is_one_row_and_two_announcements(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, project_id: UUID, database_id: UUID
) -> None:
    about = encode_id("db", database_id)
    await opened(runtime, about, project_id=project_id, database_id=database_id, code="X")
    await opened(runtime, about, "Still away.", project_id=project_id, database_id=database_id, code="Y")
    (alert,) = await listed(client, as_admin)
    assert alert["id"].startswith("alr_")
    assert (alert["key"], alert["type"], alert["severity"]) == (f"{KIND}:{about}", "database.unreachable", "crit")
    assert (alert["state"], alert["count"], alert["cleared_at"]) == ("open", 2, None)
    assert (alert["detail"], alert["data"], alert["subject_id"]) == ("Still away.", {"code": "Y"}, about)
    assert (alert["project_id"], alert["database_id"]) == (encode_id("prj", project_id), about)
    assert alert["last_seen_at"] > alert["opened_at"]
    assert await announcements(runtime) == ["alert.fired"]

    await cleared(runtime, about)
    await cleared(runtime, about)
    assert await listed(client, as_admin) == []
    answer = await client.get(f"/v1/alerts/{alert['id']}", headers=as_admin)
    again = answer.json()
    assert (again["state"], again["cleared_reason"]) == ("cleared", "it answers")
    assert again["cleared_at"] > alert["last_seen_at"]
    assert await announcements(runtime) == ["alert.fired", "alert.resolved"]
    known = as_admin | {"If-None-Match": answer.headers["etag"]}
    assert (await client.get(f"/v1/alerts/{alert['id']}", headers=known)).status_code == 304
    known["If-None-Match"] = '"2"'  # before it was cleared
    assert (await client.get(f"/v1/alerts/{alert['id']}", headers=known)).status_code == 200


async def test_the_next_incident_of_a_key_is_another_row(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    for _ in range(2):
        await opened(runtime, "db_1")
        await cleared(runtime, "db_1")
    await opened(runtime, "db_1")
    found = await listed(client, as_admin, "?state=all")
    assert [alert["state"] for alert in found] == ["open", "cleared", "cleared"]
    assert len({alert["id"] for alert in found}) == 3
    assert await announcements(runtime) == ["alert.fired", "alert.resolved"] * 2 + ["alert.fired"]


async def test_of_many_who_open_one_key_at_once_one_announces(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    await asyncio.gather(*(opened(runtime, "db_1") for _ in range(8)))
    (alert,) = await listed(client, as_admin, "?state=all")
    assert alert["count"] == 8
    assert await announcements(runtime) == ["alert.fired"]

    await asyncio.gather(*(cleared(runtime, "db_1") for _ in range(8)))
    assert await announcements(runtime) == ["alert.fired", "alert.resolved"]


async def test_who_opens_while_another_clears_opens_anew(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    """The second waits for the first, and then finds the key free."""
    await opened(runtime, "db_1")
    async with asyncio.TaskGroup() as tasks, runtime.sessions() as session, session.begin():
        await clear_alert(session, KIND, "db_1", reason="it answers")
        tasks.create_task(opened(runtime, "db_1", "Away again."))
        while not await blocked(runtime):
            await asyncio.sleep(0.02)
    found = await listed(client, as_admin, "?state=all")
    assert [(alert["state"], alert["detail"]) for alert in found] == [
        ("open", "Away again."),
        ("cleared", "It does not answer."),
    ]
    assert await announcements(runtime) == ["alert.fired", "alert.resolved", "alert.fired"]


async def blocked(runtime: Runtime) -> bool:
    async with runtime.engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(found.scalar_one())


async def test_what_is_rolled_back_was_no_incident(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    async with runtime.sessions() as session:
        await open_alert(session, KIND, "db_1", title="t", detail="d", project_id=None)
        await session.rollback()
    assert await listed(client, as_admin, "?state=all") == []
    assert await announcements(runtime) == []


async def test_texts_from_outside_are_cut_and_made_storable(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    await opened(runtime, "db_1", "a\0b\ud800c" + "😀" * 9000)
    (alert,) = await listed(client, as_admin)
    assert alert["detail"].startswith("a\ufffdb?c😀")
    assert len(alert["detail"]) == LONGEST_DETAIL
    async with runtime.sessions() as session:
        job = (await session.exec(select(Job).where(Job.kind == "alerts.announce"))).one()
    assert len(str(job.args["message"]).encode()) < 20_000


async def test_the_list_is_filtered_and_comes_in_pages(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, project_id: UUID, database_id: UUID
) -> None:
    for about in ("db_1", "db_2", "db_3"):
        await opened(runtime, about, project_id=project_id)
    await opened(runtime, "db_4", database_id=database_id)
    async with runtime.sessions() as session, session.begin():
        await open_alert(session, AlertType.JOB_OVERDUE, "job_1", title="t", detail="d", project_id=None)
    await cleared(runtime, "db_2")

    async def subjects(query: str) -> list[str]:
        return [alert["subject_id"] for alert in await listed(client, as_admin, query)]

    assert await subjects("") == ["job_1", "db_4", "db_3", "db_1"]
    assert await subjects("?state=cleared") == ["db_2"]
    assert await subjects("?type=job.overdue") == ["job_1"]
    assert await subjects(f"?state=all&project_id={encode_id('prj', project_id)}") == ["db_3", "db_2", "db_1"]
    assert await subjects(f"?database_id={encode_id('db', database_id)}") == ["db_4"]

    first = (await client.get("/v1/alerts?state=all&limit=3", headers=as_admin)).json()
    second = (await client.get(f"/v1/alerts?state=all&limit=3&cursor={first['next_cursor']}", headers=as_admin)).json()
    pages = [alert["subject_id"] for page in (first, second) for alert in page["data"]]
    assert pages == ["job_1", "db_4", "db_3", "db_2", "db_1"]
    foreign = await client.get(f"/v1/alerts?limit=3&cursor={first['next_cursor']}", headers=as_admin)
    assert foreign.json()["code"] == "CURSOR_INVALID"


async def test_a_key_sees_the_alerts_of_its_projects_only(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, project_id: UUID, key_factory: KeyFactory
) -> None:
    other = await create_project(client, as_admin, "other")
    await opened(runtime, "db_mine", project_id=project_id)
    await opened(runtime, "db_theirs", project_id=other)
    await opened(runtime, "db_nobodys")
    key = bearer(await key_factory(Scope.ALERTS_READ, projects=[project_id]))
    (mine,) = await listed(client, key)
    assert mine["subject_id"] == "db_mine"
    assert await listed(client, key, f"?project_id={encode_id('prj', other)}") == []
    for alert in await listed(client, as_admin):
        answer = await client.get(f"/v1/alerts/{alert['id']}", headers=key)
        assert answer.status_code == (200 if alert["id"] == mine["id"] else 404)


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/alerts/alr_01m8250eh0fz3vdgx5k6t0d858"])
async def test_reading_alerts_needs_its_scope(
    client: httpx.AsyncClient, as_admin: dict[str, str], key_factory: KeyFactory, path: str
) -> None:
    answer = await client.get(path, headers=bearer(await key_factory(Scope.JOBS_READ)))
    assert (answer.status_code, answer.json()["required_scope"]) == (403, "alerts:read")
    assert (await client.get(path, headers=as_admin)).status_code == (404 if "alr_" in path else 200)
