"""A store whose clock is another one than ours."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from app.kit.clock import utc_now
from app.runtime import Runtime
from tests.locations.conftest import Creator


async def test_a_clock_that_is_off_alerts_until_a_probe_finds_it_right(
    app: FastAPI, runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator
) -> None:
    async def alerts(state: str = "open") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await client.get(f"/v1/alerts?state={state}", headers=as_admin)).json()["data"]
        return found

    def set_clock(ahead: timedelta) -> None:
        app.state.runtime = replace(runtime, clock=lambda: utc_now() + ahead)

    set_clock(timedelta(minutes=2))
    location = (await create()).json()
    (alert,) = await alerts()
    assert (alert["type"], alert["subject_id"], alert["severity"]) == ("storage.clock_skew", location["id"], "warn")
    assert alert["project_id"] == location["project_id"]
    assert 110 < alert["data"]["skew_seconds"] < 130

    async def probe() -> None:
        answer = await client.post(f"/v1/locations/{location['id']}:probe", headers=as_admin)
        assert answer.json()["passed"]

    await probe()
    assert [one["count"] for one in await alerts()] == [2]
    set_clock(timedelta(0))
    await probe()
    assert [(one["id"], one["cleared_reason"]) for one in await alerts("all")] == [(alert["id"], "the clocks agree")]


async def test_a_location_that_is_deleted_alerts_no_more(
    app: FastAPI, runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator
) -> None:
    app.state.runtime = replace(runtime, clock=lambda: utc_now() - timedelta(minutes=2))
    location = (await create()).json()
    assert (await client.delete(f"/v1/locations/{location['id']}", headers=as_admin)).status_code == 204
    (alert,) = (await client.get("/v1/alerts?state=cleared", headers=as_admin)).json()["data"]
    assert alert["cleared_reason"] == "the location was deleted"
