"""/v1/jobs: looking, waiting, cancelling, retrying."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlmodel import select

from app.auth.models import AuditEvent
from app.auth.scopes import Scope
from app.errors import Unavailable
from app.jobs.enqueue import Target
from app.jobs.machine import Move, done, wait
from app.jobs.models import Job
from app.jobs.states import JobState
from app.kit.clock import utc_now
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.jobs.harness import Jobs, eventually, failed_job
from tests.jobs.kinds import AnyRun, Other, Plain, Sturdy, flow

Headers = dict[str, str]


def path_of(job: Job, action: str = "") -> str:
    return f"/v1/jobs/{encode_id('job', job.id)}{action}"


async def get(
    client: httpx.AsyncClient, job: Job, headers: Headers, *, known: str | None = None, seconds: int = 0
) -> httpx.Response:
    tag = {} if known is None else {"If-None-Match": known}
    return await client.get(path_of(job), params={"wait": seconds}, headers={**headers, **tag})


async def test_a_job_shows_all_that_callers_may_know(client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers) -> None:
    project, database, parent = new_id(), new_id(), await jobs.enqueue(Other())
    job = await jobs.enqueue(
        Plain(note="x"),
        project_id=project,
        targets=[Target(database)],
        subject_id="bak_1",
        request_id="r",
        parent=parent,
    )
    response = await get(client, job, as_admin)
    assert (response.status_code, response.headers["etag"], response.headers["retry-after"]) == (200, '"0"', "1")
    view = response.json()
    path = path_of(job)
    assert view["links"] == {"self": path, "events": f"{path}/events", "cancel": f"{path}:cancel"}
    assert (view["id"], view["kind"], view["state"], view["done"]) == (
        path.split("/")[-1],
        "test.plain",
        "queued",
        False,
    )
    assert (view["project_id"], view["database_id"]) == (encode_id("prj", project), encode_id("db", database))
    assert (view["subject_id"], view["parent_id"]) == ("bak_1", encode_id("job", parent.id))
    assert (view["attempt"], view["max_attempts"], view["cancellable"]) == (0, 3, True)
    assert view["next_attempt_at"] is not None
    assert (view["started_at"], view["deadline_at"]) == (None, None)
    assert not {"args", "memo", "lease_token", "ending"} & set(view)


async def test_a_finished_job_offers_its_result_and_nothing_to_wait_for(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers
) -> None:
    async def work(_run: AnyRun) -> Move:
        return done(answer=42)

    async with jobs.worker(flow(Plain, work)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    response = await get(client, job, as_admin)
    view = response.json()
    assert "retry-after" not in response.headers
    assert (view["done"], view["result"], view["progress"]["percent"]) == (True, {"answer": 42}, 100)
    assert (view["cancellable"], view["next_attempt_at"], view["error"]) == (False, None, None)
    assert set(view["links"]) == {"self", "events"}
    started, deadline = (datetime.fromisoformat(view[name]) for name in ("started_at", "deadline_at"))
    assert (deadline - started).total_seconds() == Plain.deadline_seconds
    failed = (await get(client, await failed_job(jobs), as_admin)).json()
    assert set(failed["links"]) == {"self", "events", "retry"}
    assert (failed["error"]["code"], failed["error"]["detail"]) == ("VALIDATION_FAILED", "no such table")


async def test_a_job_that_will_be_tried_again_says_why_and_when(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers
) -> None:
    async def later(_run: AnyRun) -> Move:
        raise Unavailable("not now", retry_after=600)

    async with jobs.worker(flow(Plain, later)):
        job = await jobs.enqueue(Plain())
        await eventually(lambda: jobs.execute("SELECT last_error IS NOT NULL FROM job"))
    view = (await get(client, job, as_admin)).json()
    assert (view["state"], view["last_error"]["detail"], view["error"]) == ("queued", "not now", None)
    assert view["next_attempt_at"] > (utc_now() + timedelta(seconds=500)).isoformat()


async def test_a_job_that_is_unchanged_is_not_sent_again(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers
) -> None:
    job = await jobs.enqueue(Plain())
    tag = (await get(client, job, as_admin)).headers["etag"]
    for known in (tag, f"W/{tag}"):
        same = await get(client, job, as_admin, known=known)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (await get(client, job, as_admin, known='"other"')).status_code == 200
    await jobs.execute("UPDATE job SET revision = revision + 1")
    assert (await get(client, job, as_admin, known=tag)).status_code == 200


async def test_waiting_ends_with_the_job(client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers) -> None:
    job = await jobs.enqueue(Plain())
    began = time.monotonic()
    waiting = asyncio.create_task(get(client, job, as_admin, seconds=30))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    async with jobs.worker(flow(Plain)):
        response = await waiting
    assert response.json()["state"] == "succeeded"
    assert time.monotonic() - began < 25
    # What has ended is answered at once.
    assert (await get(client, job, as_admin, seconds=30)).json()["done"]
    assert time.monotonic() - began < 25


async def test_waiting_with_an_entity_tag_ends_with_the_next_change(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers
) -> None:
    async def work(_run: AnyRun) -> Move:
        return wait("the weather", seconds=600)

    job = await jobs.enqueue(Plain())
    tag = (await get(client, job, as_admin)).headers["etag"]
    waiting = asyncio.create_task(get(client, job, as_admin, seconds=30, known=tag))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    async with jobs.worker(flow(Plain, work)):
        response = await asyncio.wait_for(waiting, 25)
    assert (response.status_code, response.json()["state"] in ("running", "waiting")) == (200, True)
    # Already beyond that tag: at once.
    assert (await get(client, job, as_admin, seconds=30, known=tag)).status_code == 200


async def test_waiting_in_vain_gives_the_job_as_it_is(client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers) -> None:
    job = await jobs.enqueue(Plain())
    assert (await get(client, job, as_admin, seconds=1)).json()["state"] == "queued"
    same = await get(client, job, as_admin, seconds=1, known='"0"')
    assert same.status_code == 304
    assert (await get(client, job, as_admin, seconds=61)).status_code == 400


async def test_waiting_ends_when_the_service_stops(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, runtime: Runtime
) -> None:
    job = await jobs.enqueue(Plain())
    waiting = asyncio.create_task(get(client, job, as_admin, seconds=60))
    await asyncio.sleep(0.2)
    runtime.stopping.set()
    assert (await asyncio.wait_for(waiting, 50)).json()["state"] == "queued"


async def test_waiting_for_a_job_that_vanishes_is_a_404(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers
) -> None:
    job = await jobs.enqueue(Plain())
    waiting = asyncio.create_task(get(client, job, as_admin, seconds=30))
    await asyncio.sleep(0.2)
    await jobs.execute("DELETE FROM job")
    await jobs.execute("SELECT pg_notify('pgm_job', :id)", id=str(job.id))
    assert (await asyncio.wait_for(waiting, 25)).status_code == 404


async def test_a_job_of_another_project_is_not_found_by_any_route(
    client: httpx.AsyncClient, jobs: Jobs, key_factory: KeyFactory
) -> None:
    own, foreign = new_id(), new_id()
    headers = bearer(await key_factory(Scope.JOBS_READ, Scope.JOBS_WRITE, projects=[own]))
    mine = await jobs.enqueue(Plain(), project_id=own)
    for other in (await jobs.enqueue(Plain(), project_id=foreign), await jobs.enqueue(Plain())):
        for method, action in (("GET", ""), ("GET", "/events"), ("POST", ":cancel"), ("POST", ":retry")):
            response = await client.request(
                method, path_of(other, action), headers={**headers, "Idempotency-Key": action}
            )
            assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")
    listed = (await client.get("/v1/jobs", headers=headers)).json()["data"]
    assert [item["id"] for item in listed] == [encode_id("job", mine.id)]
    await jobs.execute("DELETE FROM job")
    assert (await get(client, mine, headers)).status_code == 404


async def test_a_list_is_cut_into_pages_newest_first(client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers) -> None:
    wanted = [encode_id("job", (await jobs.enqueue(Plain())).id) for _ in range(5)]
    found: list[str] = []
    cursor: str | None = None
    pages = 0
    while pages == 0 or cursor:
        parameters = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/jobs", params=parameters, headers=as_admin)).json()
        found += [item["id"] for item in page["data"]]
        cursor, pages = page["next_cursor"], pages + 1
        assert page["has_more"] == (cursor is not None)
    assert (found, pages) == (wanted[::-1], 3)


async def test_a_cursor_belongs_to_its_filters(client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers) -> None:
    for _ in range(2):
        await jobs.enqueue(Plain())
    page = await client.get("/v1/jobs", params={"limit": 1, "kind": "test.plain"}, headers=as_admin)
    other = {"cursor": page.json()["next_cursor"], "kind": "test.other"}
    response = await client.get("/v1/jobs", params=other, headers=as_admin)
    assert (response.status_code, response.json()["code"]) == (400, "CURSOR_INVALID")


async def test_every_filter_of_the_list_holds(client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers) -> None:
    project, database = new_id(), new_id()
    parent = await jobs.enqueue(Other())
    await jobs.execute("UPDATE job SET created_at = now() - interval '1 hour'")
    child = await jobs.enqueue(Plain(), project_id=project, targets=[Target(database)], parent=parent)
    since = (utc_now() - timedelta(minutes=5)).isoformat()
    cases: list[tuple[dict[str, Any], list[Job]]] = [
        ({}, [child, parent]),
        ({"state": "queued"}, [child, parent]),
        ({"state": ["running", "queued"]}, [child, parent]),
        ({"state": "failed"}, []),
        ({"kind": "test.other"}, [parent]),
        ({"project_id": encode_id("prj", project)}, [child]),
        ({"database_id": encode_id("db", database)}, [child]),
        ({"parent_id": encode_id("job", parent.id)}, [child]),
        ({"created_after": since}, [child]),
        ({"kind": "test.other", "created_after": since}, []),
    ]
    for parameters, expected in cases:
        listed = (await client.get("/v1/jobs", params=parameters, headers=as_admin)).json()["data"]
        assert [item["id"] for item in listed] == [encode_id("job", job.id) for job in expected], parameters


async def test_cancelling_by_the_api_ends_the_job_and_is_audited(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, runtime: Runtime
) -> None:
    job = await jobs.enqueue(Plain())
    response = await client.post(path_of(job, ":cancel"), headers=as_admin)
    assert (response.status_code, response.json()["state"]) == (202, "cancelled")
    again = await client.post(path_of(job, ":cancel"), headers=as_admin)
    assert (again.status_code, again.json()["code"]) == (409, "STATE_INVALID")
    sturdy = await client.post(path_of(await jobs.enqueue(Sturdy()), ":cancel"), headers=as_admin)
    assert sturdy.status_code == 409
    async with runtime.sessions() as session:
        audited = (await session.exec(select(AuditEvent).where(AuditEvent.action == "cancel_job"))).all()
    assert [(event.target_id, event.details) for event in audited] == [
        (encode_id("job", job.id), {"kind": "test.plain"})
    ]


async def test_the_metrics_count_what_ended_and_what_waits(
    client: httpx.AsyncClient, jobs: Jobs, runtime: Runtime
) -> None:
    def value(text: str, line: str) -> float:
        return sum(float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line))

    before = (await client.get("/metrics")).text
    await failed_job(jobs)
    waiting = await jobs.enqueue(Plain())
    await jobs.execute("UPDATE job SET run_after = now() - interval '1 hour' WHERE id = :id", id=waiting.id)
    after = (await client.get("/metrics")).text
    ended = 'jobs_ended_total{kind="test.plain",state="failed"}'
    assert value(after, ended) == value(before, ended) + 1
    assert value(after, 'jobs_duration_seconds_count{kind="test.plain",state="failed"}') >= 1
    assert (value(before, 'jobs_live{state="queued"}'), value(after, 'jobs_live{state="queued"}')) == (0, 1)
    assert value(after, 'jobs_live{state="running"}') == 0
    assert 3600 <= value(after, "jobs_oldest_due_seconds") < 3700
    await jobs.execute("ALTER TABLE job RENAME TO away")
    assert ended in (await client.get("/metrics")).text
    await jobs.execute("ALTER TABLE away RENAME TO job")
