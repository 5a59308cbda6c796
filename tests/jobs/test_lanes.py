"""Jobs are left to the workers that reach their servers, as they are reached at the moment when the job is made."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Unprocessable
from app.jobs import lanes
from app.jobs.claim import claim
from app.jobs.enqueue import Target
from app.jobs.errors import NoCommonWorker
from app.jobs.lanes import Lane, relabel
from app.jobs.machine import Move
from app.jobs.models import Job
from app.jobs.scheduler import fire_due, put_schedule
from app.jobs.states import JobState
from app.jobs.worker import WorkerOptions
from app.kit.clock import utc_now
from app.kit.ids import encode_id, new_id
from tests.jobs.harness import HOST, Jobs
from tests.jobs.kinds import AnyRun, Backup, Change, Other, Plain, Snapshot, flow

Lanes = dict[UUID, Lane]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Lanes:
    """What is told of databases; a test may change it at any time."""
    found: Lanes = {}

    async def tell(_session: AsyncSession, database_ids: Collection[UUID]) -> Lanes:
        return {database_id: found[database_id] for database_id in database_ids if database_id in found}

    monkeypatch.setattr(lanes, "_told_by", [tell])
    return found


async def fails(_run: AnyRun) -> Move:
    raise Unprocessable("no such table")


async def test_whoever_makes_a_job_for_a_database_leaves_it_to_who_reaches_that(jobs: Jobs, known: Lanes) -> None:
    database, elsewhere = new_id(), new_id()
    known[database] = Lane(HOST, "beside")
    mine = await jobs.enqueue(Backup(), targets=[Target(database)])
    anybodys = await jobs.enqueue(Backup(), targets=[Target(elsewhere)])
    assert [(job.host_id, job.worker_label) for job in (mine, anybodys)] == [(HOST, "beside"), (None, None)]


@pytest.mark.parametrize("kind", [Change, Snapshot])
async def test_what_only_asks_the_provider_is_done_by_any_worker(
    jobs: Jobs, known: Lanes, kind: type[Change | Snapshot]
) -> None:
    database = new_id()
    known[database] = Lane(None, "beside")
    assert (await jobs.enqueue(kind(), targets=[Target(database)])).worker_label is None


async def test_a_job_of_two_databases_that_no_worker_reaches_is_refused(jobs: Jobs, known: Lanes) -> None:
    here, there, open_one = new_id(), new_id(), new_id()
    known |= {here: Lane(None, "here"), there: Lane(None, "there"), open_one: Lane()}
    with pytest.raises(NoCommonWorker):
        await jobs.enqueue(Backup(), targets=[Target(here), Target(there)])
    known[there] = Lane(new_id())
    known[here] = Lane(HOST)
    with pytest.raises(NoCommonWorker):
        await jobs.enqueue(Backup(), targets=[Target(here), Target(there)])
    both = await jobs.enqueue(Backup(), targets=[Target(open_one), Target(here)])
    assert both.host_id == HOST
    assert len(await jobs.all()) == 1


async def test_a_schedule_fires_to_who_reaches_the_database_at_that_time(jobs: Jobs, known: Lanes) -> None:
    database, now = new_id(), utc_now()
    async with jobs.sessions() as session, session.begin():
        for owner, kind in (("one", Backup.kind), ("two", Change.kind)):
            await put_schedule(
                session, owner=owner, kind=kind, args={}, cron="* * * * *", now=now, database_id=database
            )
    known[database] = Lane(HOST, "beside")
    await fire_due(jobs.sessions, now + timedelta(minutes=1))
    made = {job.kind: (job.host_id, job.worker_label) for job in await jobs.all()}
    assert made == {Backup.kind: (HOST, "beside"), Change.kind: (HOST, None)}


async def test_a_job_that_is_tried_again_goes_to_who_reaches_the_database_now(
    jobs: Jobs, known: Lanes, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    database = new_id()
    known[database] = Lane(None, "before")
    job = await jobs.enqueue(Backup(), targets=[Target(database)])
    async with jobs.worker(flow(Backup, fails), label="before"):
        await jobs.until(job, JobState.FAILED)
    known[database] = Lane(None, "now")
    headers = as_admin | {"Idempotency-Key": "k"}
    await client.post(f"/v1/jobs/{encode_id('job', job.id)}:retry", headers=headers)
    assert [one.worker_label for one in await jobs.all()] == ["before", "now"]


async def test_jobs_that_have_not_ended_follow_their_database_to_its_new_workers(jobs: Jobs, known: Lanes) -> None:
    database = new_id()
    waiting = await jobs.enqueue(Backup(), targets=[Target(database)])
    change = await jobs.enqueue(Change(), targets=[Target(database)])
    known[database] = Lane(None, "beside")
    async with jobs.sessions() as session, session.begin():
        await relabel(session, database)
    assert [(await jobs.get(job)).worker_label for job in (waiting, change)] == ["beside", None]


async def test_a_worker_in_another_network_leaves_other_jobs_to_others(jobs: Jobs) -> None:
    await jobs.enqueue(Plain())
    mine = await jobs.enqueue(Plain(), worker_label="office")
    office = WorkerOptions(host_id=HOST, label="office", only_label=True)
    assert [job.id for job in (await claim(jobs.sessions, office, [Plain.kind], limit=9)).jobs] == [mine.id]


async def shown(client: httpx.AsyncClient, headers: dict[str, str], job: Job) -> str | None:
    """What it waits for, in the list as by itself."""
    one = (await client.get(f"/v1/jobs/{encode_id('job', job.id)}", headers=headers)).json()
    listed = (await client.get("/v1/jobs", headers=headers)).json()["data"]
    assert one["waiting_for"] == next(entry["waiting_for"] for entry in listed if entry["id"] == one["id"])
    waits_for: str | None = one["waiting_for"]
    return waits_for


async def test_a_job_that_no_worker_of_its_label_takes_says_so(
    jobs: Jobs, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    job = await jobs.enqueue(Other(), worker_label="office")
    assert await shown(client, as_admin, job) is None, "it could be taken since a moment ago"
    await jobs.execute("UPDATE job SET run_after = now() - interval '7 minutes'")
    told = await shown(client, as_admin, job)
    assert told is not None
    assert told.startswith("a worker of the label office; none has asked for work in 7 minutes")
    assert "pgmanager worker --label office" in told
    await jobs.execute(
        "INSERT INTO worker VALUES ('w', :host, '{office}', 1, '0', now(), now() - interval '3 minutes')", host=HOST
    )
    assert "in 3 minutes" in str(await shown(client, as_admin, job))
    await jobs.execute("UPDATE worker SET seen_at = now()")
    assert await shown(client, as_admin, job) is None
