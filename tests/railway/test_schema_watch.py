"""The weekly look at Railway's schema, and the same from the command line: of the endpoint, and of a saved answer."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import build_schema, introspection_from_schema, print_schema
from sqlmodel import select

from app.errors import Problem
from app.events.models import Alert
from app.jobs.enqueue import enqueue
from app.jobs.schemas import JobView
from app.providers.railway.drift import IntrospectionInvalid, introspect, our_schema, read_introspection
from app.providers.railway.errors import RailwayProblem, RailwayUnavailable
from app.railway.schemas import CheckSchema
from app.runtime import Runtime
from tests.providers.railway.platform import FAILED, PAGE, Reply
from tests.providers.railway.platform import platform as answering
from tests.railway.conftest import Finished, working
from tests.railway_simulator.process import Simulator
from tests.test_cli import pgmanager

REPORT = "/v1/railway/schema-check"


def introspection(was: str = "", now: str = "") -> dict[str, Any]:
    """An answer of a Railway whose schema has changed so; ours is a part of it."""
    text = print_schema(our_schema())
    assert was in text
    return {"data": introspection_from_schema(build_schema(text.replace(was, now) if was else text))}


async def checked(runtime: Runtime, finished: Finished, endpoint: str) -> dict[str, Any]:
    """The job, run with that endpoint."""
    settings = runtime.settings.model_copy(update={"railway_endpoint": endpoint})
    async with runtime.sessions() as session, session.begin():
        job = (await enqueue(session, CheckSchema(), created_by="test")).job
    async with working(replace(runtime, settings=settings)):
        return await finished(JobView.of(job).model_dump(mode="json"))


async def alerts(runtime: Runtime) -> list[tuple[str, str | None]]:
    async with runtime.sessions() as session:
        return [(alert.type, alert.cleared_reason) for alert in (await session.exec(select(Alert))).all()]


async def test_what_would_break_is_an_incident_until_it_does_not(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, platform: Simulator, finished: Finished
) -> None:
    assert (await client.get(REPORT, headers=as_admin)).status_code == 404
    async with answering(Reply(introspection("configEtag: String!", "configVersion: String!"))) as there:
        job = await checked(runtime, finished, there.endpoint)
    assert job["state"] == "succeeded", job
    (asked,) = there.asked
    assert {"authorization", "project-access-token"}.isdisjoint(asked.headers)
    report = (await client.get(REPORT, headers=as_admin)).json()
    assert report["breaks"] is True
    assert {"where": "Environment.configEtag", "what": "is gone", "breaks": True} in report["differences"]
    (alert,) = (await client.get("/v1/alerts?type=railway.schema_drift", headers=as_admin)).json()["data"]
    assert "configEtag" in alert["detail"]
    job = await checked(runtime, finished, platform.endpoint)
    assert (job["state"], job["result"]["breaks"]) == ("succeeded", False)
    assert (await client.get(REPORT, headers=as_admin)).json()["breaks"] is False
    assert await alerts(runtime) == [("railway.schema_drift", "nothing that we ask breaks")]


async def test_what_does_not_break_alerts_nobody(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, finished: Finished
) -> None:
    async with answering(Reply(introspection("enum VolumeState {", "enum VolumeState {\n  FROZEN"))) as there:
        await checked(runtime, finished, there.endpoint)
    report = (await client.get(REPORT, headers=as_admin)).json()
    assert report["breaks"] is False
    assert [difference["where"] for difference in report["differences"]] == ["VolumeState.FROZEN"]
    assert await alerts(runtime) == []


async def test_a_saved_answer_that_breaks_ends_with_1_and_says_where(tmp_path: Path) -> None:
    saved = tmp_path / "introspection.json"
    saved.write_text(json.dumps(introspection("sizeMB: Int!", "sizeMB: Float")))
    ended = await pgmanager({}, "railway", "schema-check", str(saved))
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.splitlines() == [
        "BREAKS  VolumeInstance.sizeMB: was Int! and is Float",
        "Something that we ask would break.",
    ]


async def test_what_only_differs_ends_with_0_for_programs_too(tmp_path: Path) -> None:
    saved = tmp_path / "introspection.json"
    saved.write_text(json.dumps(introspection("enum VolumeState {", "enum VolumeState {\n  FROZEN")["data"]))
    ended = await pgmanager({}, "railway", "schema-check", str(saved), "--json")
    differences = [{"where": "VolumeState.FROZEN", "what": "is new, and an answer may hold it", "breaks": False}]
    assert (ended.code, json.loads(ended.out)) == (0, {"breaks": False, "differences": differences})


async def test_the_endpoint_is_asked_where_there_is_no_file(platform: Simulator) -> None:
    ended = await pgmanager({"PGM_RAILWAY_ENDPOINT": platform.endpoint}, "railway", "schema-check")
    assert (ended.code, ended.out) == (0, "Nothing that we ask breaks.\n")


async def test_what_cannot_be_read_is_told_apart_from_what_breaks(tmp_path: Path) -> None:
    saved = tmp_path / "introspection.json"
    saved.write_text('{"data": {"__schema": 1}}')
    ended = await pgmanager({}, "railway", "schema-check", str(saved))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("pgmanager: What was read is not the answer to an introspection query")


@pytest.mark.parametrize("content", [b"no JSON", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_no_introspection(content: bytes) -> None:
    with pytest.raises(IntrospectionInvalid):
        read_introspection(content)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(PAGE, status=502), RailwayUnavailable),
        (Reply(PAGE), IntrospectionInvalid),
        (Reply(FAILED), RailwayProblem),
        (Reply(cut=True, body={}), RailwayUnavailable),
    ],
)
async def test_an_endpoint_that_tells_no_schema(reply: Reply, problem: type[Problem]) -> None:
    async with answering(reply) as there:
        with pytest.raises(problem):
            await introspect(there.endpoint)
